package app

import (
	"context"
	"strings"

	"gevor/internal/store"
)

// checkTexts looks whether imprint, privacy and accessibility statement still hold places that only the operator can
// write. German is what the law asks for.
func checkTexts(ctx context.Context, dsn string) checked {
	const what = "texts"
	open, err := store.UnfilledTexts(ctx, dsn, "de")
	if err != nil {
		return failing(what, err)
	}
	if len(open) == 0 {
		return checked{what, sound, "imprint, privacy and accessibility statement are written"}
	}
	names := make([]string, len(open))
	for i, n := range open {
		names[i] = string(n)
	}
	return checked{what, warning, "still to be completed: " + strings.Join(names, ", ") + "; edit them on the page /de/texte"}
}
