package models

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"

	"github.com/onnxtool/onnxtool/train/data"
)

// The size of the Black Friday data (Analytics Vidhya 2016), which the course's exam uses.
const (
	retailRows     = 550068
	retailUsers    = 5891
	retailProducts = 3631
)

// retailCategory is a category of products: how often it is bought, in thousands, and the mean of what is paid. Both
// are those of the real data, by category from 1.
var retailCategory = []struct{ thousands, price float64 }{
	{140, 13600}, {24, 11250}, {20, 10100}, {12, 2330}, {151, 6240}, {20, 15840}, {3.7, 16370}, {114, 7500}, {.4, 15540}, {5.1, 19680},
	{24, 4690}, {3.9, 1350}, {5.5, 720}, {1.5, 13140}, {6.3, 14780}, {9.8, 14770}, {.6, 10170}, {3.1, 2970}, {1.6, 40}, {2.6, 370},
}

// product is what the generator knows of one.
type product struct {
	categories [3]int // 0 where there is none
	price      float64
}

// user is what the generator knows of one.
type user struct {
	gender, age, city, stay string
	occupation, married     int
	spends                  float64 // what the user pays, of the products' prices
}

// generatePurchases makes purchases in the shape of the exam's data. What is paid depends on the product's categories,
// of which the second means something else within each first one; on the product; on the user; and on chance. Features
// tell the categories and next to nothing of the user, so that embeddings of users and products tell more.
//
// The rows are the same in every call: they stand for a file. 0 rows are as many as the exam's data has.
func generatePurchases(n int) (*data.Table, error) {
	const least = 1000
	if n == 0 {
		n = retailRows
	}
	if n < least {
		return nil, fmt.Errorf("%d rows: at least %d are needed to generate purchases", n, least)
	}
	r := rand.New(rand.NewPCG(8, 2016))
	users, products := make([]user, retailUsers), make([]product, retailProducts)
	for i := range users {
		users[i] = newUser(r)
	}
	var kinds [21][19]float64 // logarithm of the price, against the first category's, by first and second category
	for i := range kinds {
		for k := range kinds[i] {
			kinds[i][k] = .35 * r.NormFloat64()
		}
	}
	for i := range products {
		products[i] = newProduct(r, &kinds)
	}
	texts := map[string][]string{}
	ints := map[string][]int64{}
	floats := map[string][]float64{}
	for range n {
		// Few users and products make up most of the rows.
		who := int(retailUsers * math.Pow(r.Float64(), 1.7))
		what := int(retailProducts * math.Pow(r.Float64(), 2))
		u, p := users[who], products[what]
		ints["User_ID"] = append(ints["User_ID"], int64(1000001+who))
		ints["Occupation"] = append(ints["Occupation"], int64(u.occupation))
		ints["Marital_Status"] = append(ints["Marital_Status"], int64(u.married))
		texts["Product_ID"] = append(texts["Product_ID"], "P"+strconv.Itoa(10000000 + 100*what + 42)[1:])
		for name, v := range map[string]string{"Gender": u.gender, "Age": u.age, "City_Category": u.city, "Stay_In_Current_City_Years": u.stay} {
			texts[name] = append(texts[name], v)
		}
		ints["Product_Category_1"] = append(ints["Product_Category_1"], int64(p.categories[0]))
		for k, c := range p.categories[1:] {
			v := float64(c)
			if c == 0 {
				v = math.NaN()
			}
			name := fmt.Sprintf("Product_Category_%d", k+2)
			floats[name] = append(floats[name], v)
		}
		paid := math.Round(p.price * u.spends * math.Exp(.14*r.NormFloat64()))
		floats[purchaseColumn] = append(floats[purchaseColumn], paid)
	}
	var columns []*data.Column
	for _, name := range slices.Concat(retailEntities, retailCategories, retailNumbers, []string{purchaseColumn}) {
		switch {
		case texts[name] != nil:
			columns = append(columns, data.Strings(name, texts[name], nil))
		case ints[name] != nil:
			columns = append(columns, data.Ints(name, ints[name], nil))
		default:
			columns = append(columns, data.Floats(name, floats[name]))
		}
	}
	return data.NewTable(columns...)
}

func newUser(r *rand.Rand) user {
	u := user{
		gender: "M", occupation: r.IntN(21), married: r.IntN(2), spends: math.Exp(.1 * r.NormFloat64()),
		age:  []string{"0-17", "18-25", "26-35", "36-45", "46-50", "51-55", "55+"}[drawn(r, 3, 18, 40, 20, 8, 7, 4)],
		city: []string{"A", "B", "C"}[drawn(r, 27, 42, 31)],
		stay: []string{"0", "1", "2", "3", "4+"}[drawn(r, 14, 35, 18, 17, 16)],
	}
	if r.Float64() < .25 {
		u.gender = "F"
		u.spends *= .96
	}
	if u.city == "C" {
		u.spends *= 1.05
	}
	return u
}

func newProduct(r *rand.Rand, kinds *[21][19]float64) product {
	weights := make([]float64, len(retailCategory))
	for i, c := range retailCategory {
		weights[i] = c.thousands
	}
	first := drawn(r, weights...)
	var p product
	p.categories[0] = first + 1
	// A further category is a higher number, and most products have none.
	if first+2 < 18 && r.Float64() < .75 {
		p.categories[1] = first + 2 + r.IntN(18-first-1)
		if c := p.categories[1]; c < 17 && r.Float64() < .5 {
			p.categories[2] = c + 1 + r.IntN(18-c)
		}
	}
	p.price = retailCategory[first].price * math.Exp(kinds[first+1][p.categories[1]]+.15*r.NormFloat64())
	return p
}

// drawn returns a place with a chance in proportion to its weight.
func drawn(r *rand.Rand, weights ...float64) int {
	sum := 0.
	for _, w := range weights {
		sum += w
	}
	at := r.Float64() * sum
	for i, w := range weights {
		if at -= w; at < 0 {
			return i
		}
	}
	return len(weights) - 1
}
