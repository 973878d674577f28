# The package's own conjugate prior, as its manual has it: mu_j | Sigma_j ~ Normal(0, Sigma_j / .01), Sigma_j ~ inverse
# Wishart(d + 2, I); random starts. Chains side by side; nothing is compiled.
suppressMessages(library(bayesm))
source("settings.R")
x <- as.matrix(read.table("x.txt"))
d <- ncol(x)

run <- function(chain) {
  set.seed(1000 * seed + chain)
  prior <- list(ncomp = k, Mubar = matrix(0, 1, d), A = matrix(0.01), nu = d + 2, V = diag(d))
  invisible(capture.output(
    fit <- rnmixGibbs(Data = list(y = x), Prior = prior, Mcmc = list(R = warmup + draws, keep = 1, nprint = 0))$nmix
  ))
  kept <- warmup + seq_len(draws)
  list(weights = fit$probdraw[kept, ], parts = fit$compdraw[kept])
}

began <- proc.time()[["elapsed"]]
chains <- parallel::mclapply(seq_len(chains), run, mc.cores = cores)
cat(proc.time()[["elapsed"]] - began, file = "seconds.txt")
covariance <- function(part) crossprod(backsolve(part$rooti, diag(d)))  # rooti is the inverse of the upper root
row <- function(weights, parts) {
  c(weights, unlist(lapply(parts, function(part) part$mu)), unlist(lapply(parts, covariance)))
}
out <- lapply(chains, function(one) sapply(seq_along(one$parts), function(i) row(one$weights[i, ], one$parts[[i]])))
writeBin(as.vector(do.call(cbind, out)), "draws.bin")
