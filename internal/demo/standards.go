package demo

// The categories of offers, in the order of region.toml.
const (
	doctor = iota
	paediatrician
	psychotherapy
	pharmacy
	emergency
	socialAdvice
	debtAdvice
	clearing
	familyCentre
	midwife
	careAdvice
	categories
)

// category is a kind of offer and how it is published.
type category struct {
	key, de, en, parent string
	confirmEvery        int
	form                form
	perThousand         float64 // how many stand in a core for 1,000 people, at least
}

// form is the file an offer is written to.
type form uint8

const (
	asOSM form = iota
	asUTMTable
	asLonLatTable
	asHSDS
)

var categoryList = [categories]category{
	doctor:        {"hausarzt", "Hausarztpraxis", "General practice", "medizin", 365, asOSM, 0.9},
	paediatrician: {"kinderarzt", "Kinder- und Jugendarztpraxis", "Paediatric practice", "medizin", 180, asUTMTable, 0.3},
	psychotherapy: {"psychotherapie", "Psychotherapeutische Praxis", "Psychotherapy practice", "medizin", 180, asUTMTable, 0.35},
	pharmacy:      {"apotheke", "Apotheke", "Pharmacy", "medizin", 365, asOSM, 0.4},
	emergency:     {"notfallpraxis", "Notfallpraxis", "Emergency practice", "medizin", 365, asOSM, 0},
	socialAdvice:  {"sozialberatung", "Sozialberatung", "Social counselling", "soziales", 180, asLonLatTable, 0.3},
	debtAdvice:    {"schuldnerberatung", "Schuldnerberatung", "Debt counselling", "soziales", 180, asHSDS, 0.06},
	clearing:      {"clearingstelle", "Clearingstelle Krankenversicherung", "Health insurance clearing office", "soziales", 180, asHSDS, 0.02},
	familyCentre:  {"familienzentrum", "Familienzentrum und Frühe Hilfen", "Family centre", "soziales", 180, asHSDS, 0.3},
	midwife:       {"hebamme", "Hebamme", "Midwife", "medizin", 180, asOSM, 0.15},
	careAdvice:    {"pflegeberatung", "Pflegeberatung", "Care counselling", "soziales", 365, asUTMTable, 0.15},
}

// way names are those of travel.Mode; the engines are not imported here.
type standardWay struct {
	mode       string
	minutes    int
	departure  string
	earlier    string
	percentile int
}

type standard struct {
	key, de, en string
	group       int
	category    int
	nearest     int
	perThousand float64
	ways        []standardWay
}

// the standards, in the order of region.toml
const (
	stPharmacy = iota
	stTwoDoctors
	stPaediatrician
	stSocialAdvice
	stEvening
	stFamilyCentre
	stEmergencyCar
	stDebtAdvice
	stClearing
	stCareAdvice
	stEarlyHelp
)

// hoursPerThousand is the paediatric consultation hours a week that 1,000 children should find within reach.
const hoursPerThousand = 40

var standardList = [...]standard{
	stPharmacy: {
		"apotheke-15-zu-fuss-30-oepnv", "Apotheke in 15 Minuten zu Fuß oder 30 Minuten mit Bus und Bahn",
		"Pharmacy within 15 minutes on foot or 30 by public transport", everyone, pharmacy, 1, 0,
		[]standardWay{{mode: "walk", minutes: 15}, {mode: "transit", minutes: 30, departure: "10:00", percentile: 50}},
	},
	stTwoDoctors: {
		"zwei-hausarztpraxen-20-zu-fuss", "Zwei Hausarztpraxen zur Wahl in 20 Minuten zu Fuß",
		"A choice of two general practices within 20 minutes on foot", seniors, doctor, 2, 0,
		[]standardWay{{mode: "walk", minutes: 20}},
	},
	stPaediatrician: {
		"kinderarzt-sprechstunden-20-zu-fuss", "40 Kinderarzt-Sprechstunden je Woche und 1.000 Kinder in 20 Minuten zu Fuß",
		"40 paediatric consultation hours a week for 1,000 children within 20 minutes on foot", childrenU10, paediatrician, 0, hoursPerThousand,
		[]standardWay{{mode: "walk", minutes: 20}},
	},
	stSocialAdvice: {
		"sozialberatung-20-zu-fuss", "Sozialberatung in 20 Minuten zu Fuß",
		"Social counselling within 20 minutes on foot", everyone, socialAdvice, 1, 0,
		[]standardWay{{mode: "walk", minutes: 20}},
	},
	stEvening: {
		"notfallpraxis-abends-50-oepnv", "Notfallpraxis um 20:30 Uhr in 50 Minuten mit Bus und Bahn",
		"Emergency practice at 8:30 pm within 50 minutes by public transport", everyone, emergency, 1, 0,
		[]standardWay{{mode: "transit", minutes: 50, departure: "20:30", earlier: "14:00", percentile: 50}},
	},
	stFamilyCentre: {
		"familienzentrum-15-stufenlos", "Familienzentrum in 15 Minuten ohne Stufen (Kinderwagen)",
		"Family centre within 15 minutes without steps (pram)", childrenU10, familyCentre, 1, 0,
		[]standardWay{{mode: "walk-nosteps", minutes: 15}},
	},
	stEmergencyCar: {
		"notfallpraxis-20-auto", "Notfallpraxis in 20 Minuten mit dem Auto",
		"Emergency practice within 20 minutes by car", everyone, emergency, 1, 0,
		[]standardWay{{mode: "car", minutes: 20}},
	},
	stDebtAdvice: {
		"schuldnerberatung-30-zu-fuss-45-oepnv", "Schuldnerberatung in 30 Minuten zu Fuß oder 45 Minuten mit Bus und Bahn",
		"Debt counselling within 30 minutes on foot or 45 by public transport", longTermUnemployed, debtAdvice, 1, 0,
		[]standardWay{{mode: "walk", minutes: 30}, {mode: "transit", minutes: 45, departure: "10:00", percentile: 50}},
	},
	stClearing: {
		"clearingstelle-30-zu-fuss", "Clearingstelle in 30 Minuten zu Fuß",
		"Clearing office within 30 minutes on foot", uninsured, clearing, 1, 0,
		[]standardWay{{mode: "walk", minutes: 30}},
	},
	stCareAdvice: {
		"pflegeberatung-30-zu-fuss-45-oepnv", "Pflegeberatung in 30 Minuten zu Fuß oder 45 Minuten mit Bus und Bahn",
		"Care counselling within 30 minutes on foot or 45 by public transport", seniors, careAdvice, 1, 0,
		[]standardWay{{mode: "walk", minutes: 30}, {mode: "transit", minutes: 45, departure: "10:00", percentile: 50}},
	},
	stEarlyHelp: {
		"fruehe-hilfen-20-zu-fuss-10-rad", "Frühe Hilfen in 20 Minuten zu Fuß oder 10 Minuten mit dem Rad",
		"Early help within 20 minutes on foot or 10 by bicycle", singleParents, familyCentre, 1, 0,
		[]standardWay{{mode: "walk", minutes: 20}, {mode: "bike", minutes: 10}},
	},
}

// The groups, in the order of region.toml.
const (
	everyone = iota
	childrenU10
	seniors
	singleParents
	longTermUnemployed
	uninsured
)

var groupKeys = [...]string{"alle", "kinder_u10", "ab_65", "alleinerziehende", "langzeitarbeitslose", "ohne_versicherung"}

// causes as atlas writes them
const (
	tooFar        = "too-far"
	usedUp        = "used-up"
	onlyCar       = "only-car"
	onlyElsewhere = "only-elsewhere"
	onlySteps     = "only-steps"
	onlyOtherTime = "only-other-time"
)

type planted struct {
	standard int
	cause    string
}

// plants lists the gaps that a village's kind plants.
func plants(t *settlement) []planted {
	switch t.site {
	case pharmacyByCar:
		return []planted{{stPharmacy, onlyCar}, {stEvening, onlyCar}}
	case farByCar:
		return []planted{{stEmergencyCar, tooFar}}
	case crowdedPractice:
		return []planted{{stPaediatrician, usedUp}}
	case earlyLastBus:
		return []planted{{stEvening, onlyOtherTime}}
	case debtByCar:
		return []planted{{stEvening, onlyCar}, {stDebtAdvice, onlyCar}}
	case oneDoctor:
		return []planted{{stTwoDoctors, onlyCar}}
	case adviceByCar:
		return []planted{{stSocialAdvice, onlyCar}}
	case borderTwin:
		if t.half == 1 {
			return []planted{{stSocialAdvice, onlyElsewhere}}
		}
	case stepsTwin:
		if t.half == 1 {
			return []planted{{stFamilyCentre, onlySteps}}
		}
	}
	return nil
}

// lacks says whether a settlement is planted to miss a standard.
func (t *settlement) lacks(standard int) bool {
	for _, g := range plants(t) {
		if g.standard == standard {
			return true
		}
	}
	return false
}

// without says whether a gap of a category is planted in a settlement, so that none may open there.
func (t *settlement) without(category int) bool {
	for _, g := range plants(t) {
		if standardList[g.standard].category == category {
			return true
		}
	}
	return false
}
