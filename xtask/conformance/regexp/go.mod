module vispyr.dev/conformance/regexp

go 1.26.5
