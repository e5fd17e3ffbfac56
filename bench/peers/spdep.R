# Moments of the global statistics for TestColumbusGlobal, printed with 15 digits.
#
#     Rscript bench/peers/spdep.R DATA
#
# DATA is the folder of the real data; its columbus/ is read. List 236 is the file there, list 230 the one of spdep
# itself, which lacks three contacts in a corner.
suppressMessages(library(spdep))
data <- commandArgs(TRUE)[1]
long <- read.gal(file.path(data, "columbus/columbus.gal"))
x <- read.csv(file.path(data, "columbus/columbus_ref_local.csv"))$CRIME
short <- long
for (p in list(c(5, 16), c(25, 30), c(31, 39))) {
  short[[p[1]]] <- setdiff(short[[p[1]]], p[2])
  short[[p[2]]] <- setdiff(short[[p[2]]], p[1])
}
say <- function(...) cat(..., "\n")
digits <- function(v) sprintf("%.15g", v)
for (list in c("230", "236")) {
  for (style in c("W", "B")) {
    w <- nb2listw(if (list == "230") short else long, style = style)
    for (random in c(TRUE, FALSE)) {
      say(list, style, if (random) "randomisation" else "normality", "Moran", digits(moran.test(x, w, randomisation = random)$estimate))
      say(list, style, if (random) "randomisation" else "normality", "Geary", digits(geary.test(x, w, randomisation = random)$estimate))
    }
    say(list, style, "G", digits(suppressWarnings(globalG.test(x, w))$estimate))
  }
}
