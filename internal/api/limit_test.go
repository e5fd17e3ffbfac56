package api

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"gevor/fault"
)

// TestNobodyTakesAllPlaces fills the places for answers: who comes on top is told to come again, and is answered once one
// is free.
func TestNobodyTakesAllPlaces(t *testing.T) {
	a := &API{o: Options{Now: time.Now}, doors: make(chan struct{}, 1), streams: make(chan struct{}, 1), byKey: map[string]*endpoint{}}
	list := endpoints()
	for i := range list {
		a.byKey[list[i].key()] = &list[i]
	}
	ask := func() *httptest.ResponseRecorder {
		rec := httptest.NewRecorder()
		a.Answer(rec, httptest.NewRequest(http.MethodGet, "/openapi.json", nil), openAPIPath)
		return rec
	}
	a.doors <- struct{}{}
	if rec := ask(); rec.Code != http.StatusServiceUnavailable || rec.Header().Get("Retry-After") == "" {
		t.Errorf("a full house: %d", rec.Code)
	}
	<-a.doors
	if rec := ask(); rec.Code != http.StatusOK {
		t.Errorf("a free place: %d", rec.Code)
	}
	leave, err := a.enter()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.enter(); fault.KindOf(err) != fault.Busy {
		t.Errorf("a second reader of everything: %v", err)
	}
	leave()
	if _, err := a.enter(); err != nil {
		t.Error(err)
	}
}
