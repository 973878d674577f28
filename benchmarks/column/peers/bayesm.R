# mu_j | sigma_j ~ Normal(0, mean_sigma * sigma_j), sigma_j^2 ~ inverse Wishart(3, 1): as close to the problem as the
# package's conjugate prior comes. Chains side by side; nothing is compiled.
suppressMessages(library(bayesm))
source("settings.R")
x <- matrix(scan("x.txt", quiet = TRUE))

run <- function(chain) {
  set.seed(1000 * seed + chain)
  prior <- list(ncomp = k, Mubar = matrix(0, 1, 1), A = matrix(1 / mean_sigma^2), nu = 3, V = matrix(1))
  invisible(capture.output(
    fit <- rnmixGibbs(Data = list(y = x), Prior = prior, Mcmc = list(R = warmup + draws, keep = 1, nprint = 0))$nmix
  ))
  kept <- warmup + seq_len(draws)
  means <- t(sapply(fit$compdraw[kept], function(draw) sapply(draw, function(part) part$mu)))
  scales <- t(sapply(fit$compdraw[kept], function(draw) sapply(draw, function(part) 1 / part$rooti)))
  cbind(fit$probdraw[kept, ], means, scales)
}

began <- proc.time()[["elapsed"]]
out <- parallel::mclapply(seq_len(chains), run, mc.cores = cores)
cat(proc.time()[["elapsed"]] - began, file = "seconds.txt")
writeBin(as.vector(t(do.call(rbind, out))), "draws.bin")
