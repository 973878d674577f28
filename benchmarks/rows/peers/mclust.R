# Mclust with as many full components as there are, started by hierarchical clustering of a random subset (its default).
suppressMessages(library(mclust))
source("settings.R")
x <- as.matrix(read.table("x.txt"))
set.seed(seed)
began <- proc.time()[["elapsed"]]
fit <- Mclust(x, G = k, modelNames = "VVV", verbose = FALSE)$parameters
cat(proc.time()[["elapsed"]] - began, file = "seconds.txt")
writeBin(c(fit$pro, as.vector(fit$mean), as.vector(fit$variance$sigma)), "draws.bin")
