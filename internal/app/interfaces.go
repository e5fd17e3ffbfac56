package app

import (
	"log/slog"
	"time"

	"gevor/directory"
	"gevor/internal/api"
	"gevor/internal/config"
	"gevor/internal/store"
	"gevor/internal/web"
	"gevor/internal/words"
	"gevor/vocabulary"
)

// openInterfaces makes the interfaces for other programs over the public directory.
func openInterfaces(conf *config.Config, s *store.Store, voc *vocabulary.Vocabulary, log *slog.Logger) (*api.API, error) {
	page := func(lang string, id directory.ServiceID) string { return web.Address(lang, "offer", string(id)) }
	return api.New(api.Options{Entries: s.Joined(time.Now), Vocabulary: voc, PublicURL: conf.Server.PublicURL, OfferPage: page, Languages: words.Languages(), Version: Version, Log: log})
}
