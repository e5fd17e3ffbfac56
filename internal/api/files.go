package api

type files struct{}

func fileEndpoints() []endpoint { return nil }
