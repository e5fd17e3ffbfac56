package account_test

import (
	"strings"
	"testing"

	"gevor/account"
)

func TestPasswordsThatAnybodyTriesFirstAreRefused(t *testing.T) {
	about := []string{"Anna Beispiel", "anna.beispiel@stadt.example", "GeVoR Lagebild"}
	for password, want := range map[string]string{
		"": "empty", "kurz": "password-short", "elf Zeichen": "password-short", strings.Repeat("a", 12): "password-plain",
		"123456789012": "password-plain", "abcabcabcabc": "password-plain", "qwertzuiopqwertzuiop": "password-plain",
		"Willkommen!2026": "password-known", "P a s s w o r t 1 2 3": "password-known", "Passwort1234": "password-known", "Ruhrgebiet-2026": "password-known",
		"AnnaBeispiel1": "password-own", "beispiel2026!": "password-own", strings.Repeat("ab c", 6): "password-plain", strings.Repeat("wort an wort ", 30): "long",
		// The twins: long enough and nobody's first guess, without any rule of composition.
		"drei Boote am Kai": "", "zwölf grüne Heringe": "", "kljasdoiqwe1": "", "Anna mag am liebsten Pflaumenmus": "", "пароль из трех слов": "",
	} {
		if got := account.CheckPassword(password, about...); got != want {
			t.Errorf("%q is %q, want %q", password, got, want)
		}
	}
}

func TestTheSameKeysGiveTheSamePassword(t *testing.T) {
	if account.TidyPassword("u\u0308ber\u00a0Land") != account.TidyPassword("\u00fcber Land") {
		t.Error("composed and decomposed differ")
	}
}
