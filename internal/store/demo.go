package store

import (
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"gevor/account"
	"gevor/alliance"
	"gevor/authz"
	"gevor/fault"
	"gevor/organisation"
	"gevor/seal"
)

// demoHouse is one organisation of a demo region, with the people who work in it.
type demoHouse struct {
	organisation.Organisation
	release authz.Release
	people  []demoPerson
}

type demoPerson struct {
	name  string
	roles []authz.Role // the first is the seat that the door offers
	also  bool         // a seat beside the one that the role has already
}

// demoHouses are the organisations of a demo region. Names and places are invented. Their profiles show every state of
// a release; one house is no member of the alliance.
func demoHouses() []demoHouse {
	house := func(name string, kind organisation.Kind, alliance bool, release authz.Level, people ...demoPerson) demoHouse {
		return demoHouse{organisation.Organisation{Name: name, Kind: kind, Alliance: alliance}, authz.Release{Level: release}, people}
	}
	return []demoHouse{
		house("Stadt Musterhafen, Gesundheitsplanung", "city", true, authz.PublicLevel,
			demoPerson{"Petra Planung", []authz.Role{authz.Planner, authz.OrganisationAdmin}, false},
			demoPerson{"Stefan Statistik", []authz.Role{authz.Statistician}, false},
			demoPerson{"Sina System", []authz.Role{authz.SystemAdmin}, false}),
		house("Geschäftsstelle der Allianz Musterrevier", "office", true, authz.PublicLevel,
			demoPerson{"Karin Kontor", []authz.Role{authz.Coordinator}, false}),
		house("Lotsenstelle Zechenviertel", "welfare", true, authz.AllianceLevel,
			demoPerson{"Nadja Navigator", []authz.Role{authz.Navigator}, false},
			demoPerson{"Oskar Ortner", []authz.Role{authz.OrganisationAdmin}, false}),
		house("Beratungshaus Am Kanal", "counselling", true, authz.Named,
			demoPerson{"Rita Rückmeldung", []authz.Role{authz.Receiver}, false},
			demoPerson{"Rolf Ratgeber", []authz.Role{authz.Receiver, authz.OrganisationAdmin}, true}),
		house("Praxisnetz Musterrevier Süd", "practice-network", true, authz.Private,
			demoPerson{"Erik Eintrag", []authz.Role{authz.Editor, authz.OrganisationAdmin}, false}),
		house("Nachbarschaftsverein Grubenlicht", "self-help", false, authz.Private,
			demoPerson{"Gesa Gast", []authz.Role{authz.OrganisationAdmin}, false}),
	}
}

// demoCharter is the charter of the demo region's alliance, invented like the rest of it.
func demoCharter(at time.Time) alliance.Charter {
	return alliance.Charter{
		Version: 1, Title: "Charta der Allianz Musterrevier", Adopted: at.AddDate(-1, 0, 0),
		Body: "Wir arbeiten **freiwillig** zusammen, damit Menschen Hilfe finden, wo sie leben.\n\nWer unterschreibt, bindet nur sich selbst.",
		Principles: []alliance.Principle{
			{Title: "Jede Organisation gibt aus dem eigenen Topf", Text: "Niemand verfügt über Geld, Daten oder Menschen der anderen."},
			{Title: "Freiwillig und widerruflich", Text: "Eine Zusage gilt, bis wer sie gab sie zurücknimmt."},
			{Title: "Hilfe nah bei den Menschen"},
		},
	}
}

// UnsafeSeedDemo fills a database for a demo region: organisations, people in every role, released and private things,
// and the fact that it is a demo. Conflict where the database knows any person or organisation: then it is somebody's,
// and stays as it is. region is the key of the region whose atlas is released to everybody.
func (s *Store) UnsafeSeedDemo(ctx context.Context, at time.Time, region string) error {
	return s.change(ctx, authz.Public(), at, func(t *tx) error {
		var anybody int
		if err := t.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM people) + (SELECT count(*) FROM organisations)`).Scan(&anybody); err != nil {
			return err
		}
		if anybody > 0 {
			return fault.New(fault.Conflict, "database", "holds people or organisations already", "keep a demo region in a database of its own")
		}
		if err := t.setFact(ctx, factDemo, "yes"); err != nil {
			return err
		}
		return t.seedDemo(ctx, region)
	})
}

func (t *tx) seedDemo(ctx context.Context, region string) error {
	seats := map[authz.Role]bool{}
	var first authz.OrganisationID
	if err := t.addCharter(ctx, demoCharter(t.at)); err != nil {
		return err
	}
	for i, h := range demoHouses() {
		if err := t.createOrganisation(ctx, &h.Organisation); err != nil {
			return err
		}
		if h.Alliance {
			x := alliance.Signature{ID: newID("s"), Organisation: h.ID, Version: 1, Signatory: h.people[0].name, Authority: "Beschluss der Leitung", Signed: t.at.AddDate(0, 0, -30*(i+1)), ReplyDays: 5, Back: "status"}
			if err := t.addSignature(ctx, x); err != nil {
				return err
			}
		}
		if i == 0 {
			first = h.ID
			if err := t.setFact(ctx, factOperator, string(h.ID)); err != nil {
				return err
			}
			if err := t.release(ctx, authz.Ref{Kind: authz.Atlas, Object: region, Purpose: authz.ForAtlas}, h.ID, authz.Release{Level: authz.PublicLevel}); err != nil {
				return err
			}
		}
		if h.release.Level == authz.Named {
			h.release.Named = []authz.OrganisationID{first}
		}
		if h.release.Level != authz.Private {
			if err := t.release(ctx, authz.Ref{Kind: authz.Organisation, Object: string(h.ID), Purpose: authz.ForDirectory}, h.ID, h.release); err != nil {
				return err
			}
		}
		var holders []authz.PersonID
		for _, who := range h.people {
			id, err := t.seedPerson(ctx, h.ID, who, seats)
			if err != nil {
				return err
			}
			holders = append(holders, id)
		}
		if h.Kind == "welfare" || h.Kind == "counselling" {
			if err := t.seedKey(ctx, h.ID, holders); err != nil {
				return err
			}
		}
	}
	return nil
}

// seedKey gives a house a key that counts, which all its people open with the demo's passphrase: handovers can be tried
// at once.
func (t *tx) seedKey(ctx context.Context, house authz.OrganisationID, holders []authz.PersonID) error {
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return fault.Wrap(fault.Internal, "key of a demo", "cannot be made", "", err)
	}
	sheet, err := seal.Wrap(key, account.DemoSheet, seal.SheetHolder)
	if err != nil {
		return err
	}
	public := key.PublicKey().Bytes()
	id := seal.Fingerprint(public)
	if _, err := t.ExecContext(ctx, `INSERT INTO seal_keys (id, organisation, public, sheet, proof, made, ready) VALUES ($1, $2, $3, $4, $5, $6, $6)`,
		id, string(house), base64.StdEncoding.EncodeToString(public), string(sheet), HashSecret(seal.ProofOf(account.DemoSheet)), stamp(t.at)); err != nil {
		return err
	}
	for _, who := range holders {
		wrap, err := seal.Wrap(key, account.DemoPassphrase, string(who))
		if err != nil {
			return err
		}
		if _, err := t.ExecContext(ctx, `INSERT INTO seal_holders (seal_key, person, wrap, made) VALUES ($1, $2, $3, $4)`, id, string(who), string(wrap), stamp(t.at)); err != nil {
			return err
		}
	}
	return t.record(ctx, authz.SealKey, id, house, "created", nil, nil)
}

func (t *tx) seedPerson(ctx context.Context, house authz.OrganisationID, who demoPerson, seats map[authz.Role]bool) (authz.PersonID, error) {
	// The top-level domain "invalid" is kept free for ever (RFC 2606): no mail to these people reaches anybody.
	local := strings.NewReplacer(" ", ".", "ü", "ue").Replace(strings.ToLower(who.name))
	p := organisation.Person{Name: who.name, Email: local + "@musterrevier.invalid", Language: "de"}
	if err := t.createPerson(ctx, &p); err != nil {
		return "", err
	}
	roles, err := organisation.TidyRoles(who.roles)
	if err != nil {
		return "", err
	}
	if err := t.join(ctx, house, p.ID, roles); err != nil {
		return "", err
	}
	// Everybody here is marked, seat or not: nobody of a demo signs in where there is none.
	seat, place := "", len(authz.Roles())
	for i, r := range authz.Roles() {
		if r == who.roles[0] && !seats[r] {
			seat, place, seats[r] = string(r), i, true
		}
	}
	switch {
	case seat == "" && who.also:
		seat, place = string(who.roles[0])+"-2", slices.Index(authz.Roles(), who.roles[0])
	case seat == "":
		seat = string(p.ID)
	}
	_, err = t.ExecContext(ctx, `INSERT INTO demo_seats (person, role, place) VALUES ($1, $2, $3)`, string(p.ID), seat, place)
	return p.ID, err
}

// UnsafeSeats gives the seats of the demo, one for each role and a second receiver; none where the database was not made for a demo.
func (s *Store) UnsafeSeats(ctx context.Context) ([]account.Seat, error) {
	fact, err := factOf(ctx, s.read, factDemo)
	if err != nil {
		return nil, failed(err)
	}
	if fact != "yes" {
		return nil, nil
	}
	return all(ctx, s.read, func(row interface{ Scan(...any) error }) (x account.Seat, err error) {
		err = row.Scan(&x.Key, &x.Person, &x.Name, &x.Organisation)
		x.Role = authz.Role(strings.TrimSuffix(x.Key, "-2"))
		return x, err
	}, `SELECT d.role, p.id, p.name, o.name FROM demo_seats d JOIN people p ON p.id = d.person JOIN memberships m ON m.person = p.id JOIN organisations o ON o.id = m.organisation
		WHERE d.place < $1 AND o.closed = 0 ORDER BY d.place, d.role`, len(authz.Roles()))
}

// UnsafeInvented says whether a person belongs to a demo.
func (s *Store) UnsafeInvented(ctx context.Context, who authz.PersonID) (bool, error) {
	var n int
	if err := s.read.QueryRowContext(ctx, `SELECT count(*) FROM demo_seats WHERE person = $1`, string(who)).Scan(&n); err != nil {
		return false, failed(err)
	}
	return n > 0, nil
}
