package paper

import (
	"bytes"
	"errors"
	"image"
	"image/draw"
	"image/png"

	"github.com/srwiley/oksvg"
	"github.com/srwiley/rasterx"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// Label is a word that is set on a picture at a place in units of the drawing: centred, or with its "start" or "end" there.
type Label struct {
	X, Y   float64
	Text   string
	Anchor string  // "start", "end", else the middle
	Size   float64 // of the letters, in units of the drawing; 0 is usualSize
}

// usualSize is the size of names on maps that are 1000 units wide.
const usualSize = 22

// Raster draws an SVG (its shapes; labels are given apart) as a PNG that is width pixels wide.
func Raster(svg []byte, labels []Label, width int) (raw []byte, height int, err error) {
	icon, err := oksvg.ReadIconStream(bytes.NewReader(svg), oksvg.IgnoreErrorMode)
	if err != nil {
		return nil, 0, failed(err)
	}
	scale := float64(width) / icon.ViewBox.W
	height = int(icon.ViewBox.H*scale + 0.5)
	icon.SetTarget(0, 0, float64(width), float64(height))
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(img, img.Bounds(), image.White, image.Point{}, draw.Src)
	icon.Draw(rasterx.NewDasher(width, height, rasterx.NewScannerGV(width, height, img, img.Bounds())), 1)
	if err := letter(img, labels, scale); err != nil {
		return nil, 0, err
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		return nil, 0, failed(err)
	}
	return out.Bytes(), height, nil
}

// letter sets labels on a drawing, with a light edge so that they can be read on any ground.
func letter(img draw.Image, labels []Label, scale float64) error {
	parsed, err := opentype.Parse(goregular.TTF)
	if err != nil {
		return failed(err)
	}
	faces := map[float64]font.Face{}
	for _, l := range labels {
		size := l.Size
		if size == 0 {
			size = usualSize
		}
		face := faces[size]
		if face == nil {
			if face, err = opentype.NewFace(parsed, &opentype.FaceOptions{Size: size * scale, DPI: 72, Hinting: font.HintingFull}); err != nil {
				return failed(err)
			}
			faces[size] = face
		}
		left := font.MeasureString(face, l.Text)
		switch l.Anchor {
		case "start":
			left = 0
		case "end":
		default:
			left /= 2
		}
		at := fixed.Point26_6{X: fixed.Int26_6(l.X*scale*64) - left, Y: fixed.Int26_6((l.Y + size/3) * scale * 64)}
		d := font.Drawer{Dst: img, Face: face, Src: image.White}
		for _, dx := range []int{-2, 0, 2} {
			for _, dy := range []int{-2, 0, 2} {
				d.Dot = at.Add(fixed.P(dx, dy))
				d.DrawString(l.Text)
			}
		}
		d.Src, d.Dot = image.Black, at
		d.DrawString(l.Text)
	}
	for _, face := range faces {
		err = errors.Join(err, face.Close())
	}
	return err
}
