module vispyr/catalogue/files

go 1.24
