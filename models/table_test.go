package models_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onnxtool/onnxtool/models"
)

// TestMissing gives recipes tables with numbers that are missing or infinite: rows that are left out are warned
// of, everything else is an error that names the place.
func TestMissing(t *testing.T) {
	const (
		heartHead = "age,gender,chest_pain,resting_blood_pressure,serum_cholestoral,fasting_blood_sugar,resting_electro,max_heart_rate,exer_angina,oldpeak,slope,num_vessels_flour,thal,has_heart_disease\n"
		heartRow  = "63,male,1,145,233,1,2,150,0,2.3,3,0,6,no\n67,female,4,160,286,0,2,108,1,1.5,2,3,3,yes\n"
		wineHead  = "type,fixed acidity,volatile acidity,citric acid,residual sugar,chlorides,free sulfur dioxide,total sulfur dioxide,density,pH,sulphates,alcohol,quality,vendor_id\n"
		wineRow   = "white,7.0,0.27,0.36,20.7,0.045,45.0,170.0,1.001,3.0,0.45,8.8,6,369\nred,7.0,0.27,0.36,20.7,0.045,45.0,170.0,1.001,3.0,0.45,8.8,5,3\n"
		payHead   = "Trabajo de,Salario mensual BRUTO (en tu moneda local)\n"
	)
	fraudHead, fraudRow := "Time", "0"
	for k := 1; k <= 28; k++ {
		fraudHead, fraudRow = fmt.Sprintf("%s,V%d", fraudHead, k), fraudRow+",1"
	}
	fraudHead, fraudRow = fraudHead+",Amount,Class\n", fraudRow+",5,0\n"
	for _, c := range []struct {
		recipe, table string
		warning, want string
	}{
		{"heart", heartHead + strings.Repeat(heartRow, 10) + "63,male,,145,233,1,2,150,0,2.3,3,0,6,no\n", "rows with missing values are left out: 1 of 21, the first with no chest_pain in line 22", ""},
		{"heart", heartHead + strings.Repeat(heartRow, 10), "", ""},
		{"heart", heartHead + strings.Repeat(heartRow, 10) + "inf,male,1,145,233,1,2,150,0,2.3,3,0,6,no\n", "", "t.csv:22: column age: an infinite number"},
		{"heart", heartHead + "63,male,,145,233,1,2,150,0,2.3,3,0,6,no\n", "", "each of the 1 rows misses a value"},
		{"heart", heartHead + strings.Repeat(heartRow, 10) + "63,male,1,145,233,1,2,150,0,2.3,3,0,6,maybe\n", "", "maybe"},
		{"wine", wineHead + strings.Repeat(wineRow, 10) + "white,7.0,0.27,0.36,20.7,0.045,45.0,170.0,1.001,3.0,0.45,8.8,,369\n", "no good in line 22", ""},
		{"wine", wineHead + strings.Repeat(wineRow, 10) + "white,7.0,-Inf,0.36,20.7,0.045,45.0,170.0,1.001,3.0,0.45,8.8,6,369\n", "", "t.csv:22: column volatile acidity: an infinite number"},
		{"salary", payHead + strings.Repeat("Developer,35000\nDBA,45000\n", 10) + "Developer,\n", "no Salario mensual BRUTO (en tu moneda local) in line 22", ""},
		{"salary", payHead + strings.Repeat("Developer,35000\nDBA,45000\n", 10) + "Developer,Infinity\n", "", "t.csv:22: column Salario mensual BRUTO (en tu moneda local): an infinite number"},
		{"keritas", "# x1,x2,y\n1,2,1\n3,,0\n", "", "t.csv: there is no x2 in line 3"},
		{"keritas", "# x1,x2,y\n1,2,1\n3,4,7\n", "", `t.csv:3: column y: "7" is none of the classes ["0" "1"]`},
		{"fraud", fraudHead + strings.Repeat(fraudRow, 10) + strings.Replace(fraudRow, "0\n", "2\n", 1), "", `t.csv:12: column Class: "2" is none of the classes ["0" "1"]`},
		{"keritas", "# x1,x2,y\n1,2,1\n3,inf,0\n", "", "t.csv:3: column x2: an infinite number"},
	} {
		path := filepath.Join(t.TempDir(), "t.csv")
		if err := os.WriteFile(path, []byte(c.table), 0o666); err != nil {
			t.Fatal(err)
		}
		r, err := models.Lookup(c.recipe)
		if err != nil {
			t.Fatal(err)
		}
		task, err := r.Prepare(models.Options{Path: path})
		switch {
		case (err != nil) != (c.want != ""), err != nil && !strings.Contains(err.Error(), c.want):
			t.Errorf("%s: error %v, want %q", c.recipe, err, c.want)
		case err == nil && (len(task.Warnings) > 0) != (c.warning != ""), err == nil && !strings.Contains(strings.Join(task.Warnings, "|"), c.warning):
			t.Errorf("%s: warnings %q, want %q", c.recipe, task.Warnings, c.warning)
		}
	}
}
