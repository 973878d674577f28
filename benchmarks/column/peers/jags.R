# The problem's own model and priors with latent allocations; half of the warm-up adapts. Chains side by side.
suppressMessages(library(rjags))
source("settings.R")
x <- scan("x.txt", quiet = TRUE)
positive <- if (scale == "half_cauchy") "dt(0, scale_tau, 1) T(0,)" else "dnorm(0, scale_tau) T(0,)"
text <- paste(
  "model {",
  "for (i in 1:n) { z[i] ~ dcat(w[1:k])\n x[i] ~ dnorm(mu[z[i]], tau[z[i]]) }",
  "for (j in 1:k) { mu[j] ~ dnorm(mean_mu[j], mean_tau)\n tau[j] <- pow(sigma[j], -2) }",
  if (tied) paste("shared ~", positive, "\n for (j in 1:k) { sigma[j] <- shared }")
  else paste("for (j in 1:k) { sigma[j] ~", positive, "}"),
  "w[1:k] ~ ddirich(ones) }",
  sep = "\n"
)
data <- list(x = x, n = length(x), k = k, mean_mu = mean_mu, mean_tau = mean_sigma^-2, scale_tau = scale_size^-2,
             ones = rep(1, k))

run <- function(chain) {
  inits <- list(mu = start, .RNG.name = "base::Mersenne-Twister", .RNG.seed = 1000 * seed + chain)
  model <- jags.model(textConnection(text), data, inits, n.chains = 1, n.adapt = 0, quiet = TRUE)
  began <- proc.time()[["elapsed"]]
  adapt(model, warmup %/% 2, end.adaptation = TRUE, progress.bar = "none")
  update(model, warmup - warmup %/% 2, progress.bar = "none")
  out <- coda.samples(model, c("w", "mu", "sigma"), draws, progress.bar = "none")[[1]]
  seconds <- proc.time()[["elapsed"]] - began
  columns <- outer(seq_len(k), c("w", "mu", "sigma"), function(j, name) paste0(name, "[", j, "]"))
  list(draws = as.matrix(out)[, as.vector(columns)], seconds = seconds)
}

out <- parallel::mclapply(seq_len(chains), run, mc.cores = cores)
cat(sum(sapply(out, function(one) one$seconds)) / cores, file = "seconds.txt")  # chains of one core follow each other
writeBin(as.vector(t(do.call(rbind, lapply(out, function(one) one$draws)))), "draws.bin")
