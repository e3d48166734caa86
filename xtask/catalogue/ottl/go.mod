module vispyr.dev/catalogue/ottl

go 1.23.0
