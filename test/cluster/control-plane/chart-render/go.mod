module maru.dev/test/chart

go 1.22
