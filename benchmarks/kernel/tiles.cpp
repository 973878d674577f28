// One pass as mixtura reads it: tiles of 256 points that stay in cache, exp and log as branch-free polynomials, so that
// every loop over a tile is one that the compiler can vectorise.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

namespace {

constexpr long tile = 256;
constexpr double half_log_2pi = 0.9189385332046727, log2e = 1.4426950408889634;
constexpr double ln2_high = 0.6931471803691238, ln2_low = 1.9082149292705877e-10;

template <class To, class From> inline To bits(From from) {
  To to;
  std::memcpy(&to, &from, sizeof to);
  return to;
}

inline double exp_(double x) {  // x <= 0
  x = x < -708 ? -708 : x;
  const double n = std::nearbyint(x * log2e), r = (x - n * ln2_high) - n * ln2_low;
  double p = 2.7626357241447223e-07;
  p = p * r + 2.764018079620985e-06;
  p = p * r + 2.4801504346997686e-05;
  p = p * r + 0.00019841170270440067;
  p = p * r + 0.0013888888932488599;
  p = p * r + 0.008333333385667782;
  p = p * r + 0.04166666666657314;
  p = p * r + 0.16666666666554406;
  p = p * r + 0.5000000000000006;
  p = p * r + 1.0;
  p = p * r + 1.0;
  return p * bits<double>((static_cast<std::int64_t>(n) + 1023) << 52);
}

inline double log_(double x) {  // normal and positive
  const std::int64_t shifted = bits<std::int64_t>(x) - 0x3FE6A09E667F3BCD, exponent = shifted >> 52;
  const double m = bits<double>((shifted & 0xFFFFFFFFFFFFF) + 0x3FE6A09E667F3BCD), e = static_cast<double>(exponent);
  const double s = (m - 1) / (m + 1), t = s * s;
  double p = 0.07308224842544453;
  p = p * t + 0.07665860800275845;
  p = p * t + 0.0909144456263094;
  p = p * t + 0.11111105567397539;
  p = p * t + 0.14285714312987743;
  p = p * t + 0.19999999999949752;
  p = p * t + 0.3333333333333335;
  return e * ln2_high + (2 * s + (2 * s * t * p + e * ln2_low));
}

__attribute__((noinline)) double pass(const double *x, const double *w, long n, long k, const double *weights,
                                      const double *means, const double *scales, double *counts, double *sums,
                                      double *scatter) {
  std::vector<double> constant(k), rows(k * tile);
  double top[tile], total[tile], loglik = 0;
  for (long j = 0; j < k; ++j) {
    constant[j] = std::log(weights[j]) - std::log(scales[j]);
    counts[j] = sums[j] = scatter[j] = 0;
  }
  for (long start = 0; start < n; start += tile, x += tile, w += tile) {
    const long m = std::min(tile, n - start);
    std::fill_n(top, m, -1e300);
    std::fill_n(total, m, 0.0);
    for (long j = 0; j < k; ++j) {
      double *__restrict row = &rows[j * tile];
      const double mean = means[j], precision = 1 / scales[j], offset = constant[j];
      for (long i = 0; i < m; ++i) {
        const double z = (x[i] - mean) * precision;
        const double exponent = offset - 0.5 * z * z;
        row[i] = exponent;
        top[i] = top[i] < exponent ? exponent : top[i];
      }
    }
    for (long j = 0; j < k; ++j) {
      double *__restrict row = &rows[j * tile];
      for (long i = 0; i < m; ++i) {
        row[i] = exp_(row[i] - top[i]);
        total[i] += row[i];
      }
    }
    for (long i = 0; i < m; ++i) {
      loglik += w[i] * (top[i] + log_(total[i]) - half_log_2pi);
      total[i] = w[i] / total[i];
    }
    for (long j = 0; j < k; ++j) {
      const double *__restrict row = &rows[j * tile];
      const double mean = means[j];
      double count = 0, first = 0, second = 0;
      for (long i = 0; i < m; ++i) {
        const double r = row[i] * total[i], apart = x[i] - mean;
        count += r;
        first += r * apart;
        second += r * apart * apart;
      }
      counts[j] += count;
      sums[j] += first;
      scatter[j] += second;
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
