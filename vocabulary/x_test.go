package vocabulary

import "testing"

func TestBuiltInLoads(t *testing.T) {
	if _, err := Load(nil); err != nil {
		t.Fatal(err)
	}
}
