module vispyr/catalogue/stores

go 1.24

require vispyr/catalogue/alloy v0.0.0

replace vispyr/catalogue/alloy => ../alloy
