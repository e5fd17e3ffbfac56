package find

import (
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"
)

// fifty makes n synthetic services from the record texts of bench/needs: each kind in many towns and of many
// providers, with seeded variety in names and addresses.
func fifty(b *testing.B, n int) []Doc {
	b.Helper()
	f, err := os.Open("../bench/needs/services.csv")
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma = ';'
	rows, err := r.ReadAll()
	if err != nil {
		b.Fatal(err)
	}
	rows = rows[1:]
	random := rand.New(rand.NewPCG(1, 2))
	syllables := []string{"al", "ber", "dorf", "ech", "feld", "grün", "heim", "ing", "kirch", "lau", "mar", "nor", "ost", "pel", "rath", "sand", "tal", "ulm", "wald", "zen"}
	name := func() string {
		s := ""
		for range 3 {
			s += syllables[random.IntN(len(syllables))]
		}
		return s
	}
	var docs []Doc
	for i := range n {
		row := rows[i%len(rows)]
		docs = append(docs, Doc{
			ID: fmt.Sprintf("s%06d", i), Concepts: row[:1],
			Fields: []Field{
				{Text: row[1] + " " + name(), Weight: 3, Title: true},
				{Text: row[2] + " " + rows[random.IntN(len(rows))][2]},
				{Text: fmt.Sprintf("%sstraße %d, %s", name(), 1+random.IntN(200), name())},
			},
		})
	}
	return docs
}

// BenchmarkFiftyThousand reports how long queries take over 50,000 services and how much memory the index keeps.
func BenchmarkFiftyThousand(b *testing.B) {
	docs := fifty(b, 50_000)
	v := voc(b)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	began := time.Now()
	ix, err := Build(docs, v, Options{})
	if err != nil {
		b.Fatal(err)
	}
	built := time.Since(began)
	runtime.GC()
	runtime.ReadMemStats(&after)
	queries := []string{
		"Mein Kind hat hohes Fieber, wo finde ich einen Arzt?", "Schulden", "Schuldnerberatung", "Zahnartz", "Ich habe keine Krankenverischerung und bin krank",
		"طبيب أسنان", "أنا حزين منذ شهور ولا أستطيع النهوض من السرير", "Чоловік мене б'є", "курсы немецкого языка", "likar dlya dytyny",
		"I cannot pay my bills any more", "Beratung und Hilfe im Stadtteil", "Wer hilft beim Ausfüllen von Formularen?", "Kindergartenplatz", "borç danışma",
	}
	var times []time.Duration
	b.ResetTimer()
	for i := range b.N {
		at := time.Now()
		ix.Search(Query{Text: queries[i%len(queries)]})
		times = append(times, time.Since(at))
	}
	b.StopTimer()
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)*95/100].Microseconds())/1000, "p95-ms")
	b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "median-ms")
	b.ReportMetric(built.Seconds(), "build-s")
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(1<<20), "index-MiB")
	runtime.KeepAlive(ix)
}
