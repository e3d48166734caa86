module vispyr/catalogue/alloy

go 1.22
