// One pass as one writes it: point by point, the standard library's exp and log.

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace {

constexpr double half_log_2pi = 0.9189385332046727;

__attribute__((noinline)) double pass(const double *x, const double *w, long n, long k, const double *weights,
                                      const double *means, const double *scales, double *counts, double *sums,
                                      double *scatter) {
  std::vector<double> constant(k), precision(k), share(k);
  for (long j = 0; j < k; ++j) {
    constant[j] = std::log(weights[j]) - std::log(scales[j]);
    precision[j] = 1 / scales[j];
    counts[j] = sums[j] = scatter[j] = 0;
  }
  double loglik = 0;
  for (long i = 0; i < n; ++i) {
    double top = -std::numeric_limits<double>::infinity(), total = 0;
    for (long j = 0; j < k; ++j) {
      const double z = (x[i] - means[j]) * precision[j];
      share[j] = constant[j] - 0.5 * z * z;
      top = std::max(top, share[j]);
    }
    for (long j = 0; j < k; ++j) {
      share[j] = std::exp(share[j] - top);
      total += share[j];
    }
    loglik += w[i] * (top + std::log(total) - half_log_2pi);
    const double part = w[i] / total;
    for (long j = 0; j < k; ++j) {
      const double r = share[j] * part, apart = x[i] - means[j];
      counts[j] += r;
      sums[j] += r * apart;
      scatter[j] += r * apart * apart;
    }
  }
  return loglik;
}

}  // namespace

extern "C" void passes(const double *x, const double *w, long n, long k, const double *weights, const double *means,
                       const double *scales, double *counts, double *sums, double *scatter, double *loglik,
                       long times) {
  for (long t = 0; t < times; ++t)
    *loglik = pass(x, w, n, k, weights, means, scales, counts, sums, scatter);
}
