package find

import (
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"sync"
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

// asks runs queries from a number of readers at once, rounds each, and gives all times in order.
func asks(ix *Index, readers, rounds int) []time.Duration {
	queries := []string{
		"Mein Kind hat hohes Fieber, wo finde ich einen Arzt?", "Schulden", "Schuldnerberatung", "Zahnartz", "Ich habe keine Krankenverischerung und bin krank",
		"طبيب أسنان", "أنا حزين منذ شهور ولا أستطيع النهوض من السرير", "Чоловік мене б'є", "курсы немецкого языка", "likar dlya dytyny",
		"I cannot pay my bills any more", "Beratung und Hilfe im Stadtteil", "Wer hilft beim Ausfüllen von Formularen?", "Kindergartenplatz", "borç danışma",
	}
	times := make([][]time.Duration, readers)
	var all sync.WaitGroup
	for r := range readers {
		all.Go(func() {
			for i := range rounds {
				at := time.Now()
				ix.Search(Query{Text: queries[(i+r)%len(queries)]})
				times[r] = append(times[r], time.Since(at))
			}
		})
	}
	all.Wait()
	out := slices.Concat(times...)
	slices.Sort(out)
	return out
}

func report(b *testing.B, name string, times []time.Duration) {
	b.Helper()
	for _, q := range []int{50, 95, 99} {
		at := times[min(len(times)-1, len(times)*q/100)]
		b.ReportMetric(float64(at.Microseconds())/1000, fmt.Sprintf("%s-p%d-ms", name, q))
	}
}

// BenchmarkFiftyThousand reports how long queries take over 50,000 services, alone, beside other readers and while a
// second index is built, and how much memory the index keeps. One operation is everything: run it with -benchtime 1x.
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
	b.ResetTimer()
	for range b.N {
		report(b, "alone", asks(ix, 1, 400))
		report(b, "two", asks(ix, 2, 200))
		report(b, "eight", asks(ix, 8, 75))
		done := make(chan error, 1)
		go func() {
			_, err := Build(docs, v, Options{})
			done <- err
		}()
		var during []time.Duration
		for building := true; building; {
			select {
			case err := <-done:
				if err != nil {
					b.Fatal(err)
				}
				building = false
			default:
				during = append(during, asks(ix, 2, 15)...)
			}
		}
		slices.Sort(during)
		report(b, "rebuild", during)
	}
	b.StopTimer()
	b.ReportMetric(built.Seconds(), "build-s")
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(1<<20), "index-MiB")
	runtime.KeepAlive(ix)
}
