# Reference values for tests in surveil, from surveillance 1.20.3, on invented series.
#
#     Rscript bench/peers/surveillance.R surveil/testdata
#
# Writes series.csv (three weekly series of eight years with season, trend and outbreaks, one of them with a population
# that grows and few cases) and reference.csv: upper bounds, alarms and sums of the methods over the last year, in
# settings that the real data do not reach (offset, other powers, no reweighting, more years, other baselines).
suppressMessages(library(surveillance))
out <- commandArgs(TRUE)[1]
set.seed(20261122)
n <- 8 * 52 + 20
day <- seq(as.Date("2018-01-01"), by = "week", length.out = n)
t <- seq_len(n)
season <- 1 + 0.5 * sin(2 * pi * t / 52.18)
people <- round(80000 * (1 + 0.002 * t))
busy <- rnbinom(n, mu = 20 * season * exp(0.0015 * t), size = 8)
busy[120:125] <- busy[120:125] + 60
busy[(n - 12):(n - 10)] <- busy[(n - 12):(n - 10)] + 45
rare <- rpois(n, 0.6 * season)
rates <- rpois(n, people * 8e-5 * season)
rates[(n - 20):(n - 18)] <- rates[(n - 20):(n - 18)] + 14
write.csv(data.frame(date = day, people = people, busy = busy, rare = rare, rates = rates), file.path(out, "series.csv"), row.names = FALSE, quote = FALSE)

watch <- (n - 51):n
ref <- data.frame(i = watch)
make <- function(x) sts(observed = x, epoch = as.numeric(day), epochAsDate = TRUE, frequency = 52, start = c(2018, 1), population = matrix(people))
keep <- function(name, r) {
  ref[[paste0(name, "_ub")]] <<- as.numeric(upperbound(r))
  ref[[paste0(name, "_alarm")]] <<- as.integer(alarms(r))
}
base <- list(range = watch, b = 4, w = 3, reweight = TRUE, weightsThreshold = 2.58, alpha = 0.05, trend = TRUE,
             pThresholdTrend = 1, noPeriods = 10, pastWeeksNotIncluded = 26, thresholdMethod = "delta", glmWarnings = FALSE)
set <- function(...) modifyList(base, list(...))
keep("busy_improved", farringtonFlexible(make(busy), base))
keep("busy_plain", farringtonFlexible(make(busy), set(reweight = FALSE, noPeriods = 1, pastWeeksNotIncluded = 0, pThresholdTrend = 0.05)))
keep("busy_half", farringtonFlexible(make(busy), set(powertrans = "1/2", b = 5, w = 2, noPeriods = 7)))
keep("busy_none", farringtonFlexible(make(busy), set(powertrans = "none", trend = FALSE)))
keep("rare_classic", farringtonFlexible(make(rare), set(weightsThreshold = 1, noPeriods = 1, pastWeeksNotIncluded = 3, pThresholdTrend = 0.05, limit54 = c(2, 6))))
keep("rates_offset", farringtonFlexible(make(rates), set(populationOffset = TRUE)))
for (m in c("C1", "C2", "C3")) keep(paste0("rare_", m), earsC(make(rare), list(range = watch, method = m, baseline = 9, minSigma = 0.5, alpha = 0.025)))
dp <- sts2disProg(make(rates))
for (k in c("standard", "rossi", "anscombe")) {
  r <- algo.cusum(dp, list(range = watch, k = 1.04, h = 2.26, m = NULL, trans = k))
  ref[[paste0("cusum_", k)]] <- as.numeric(r$cusum)
  ref[[paste0("cusum_", k, "_alarm")]] <- as.integer(r$alarm)
}
for (c in names(ref)) if (is.numeric(ref[[c]])) ref[[c]] <- ifelse(is.na(ref[[c]]), "NA", sprintf("%.15g", ref[[c]]))
write.csv(ref, file.path(out, "reference.csv"), row.names = FALSE, quote = FALSE)
