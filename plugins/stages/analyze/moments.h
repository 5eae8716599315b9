// Mean and variance of a series, and the covariance of two, in one pass and without cancellation
// (Welford 1962; West 1979 for two series). Values; one thread.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

namespace sheafline::analyze {

inline constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

class Moments {
 public:
    void add(double value) {
        ++count_;
        const double change = value - mean_;
        mean_ += change / static_cast<double>(count_);
        squares_ += change * (value - mean_);
    }

    std::int64_t count() const { return count_; }
    double mean() const { return count_ > 0 ? mean_ : kUndefined; }
    // Of a sample (divided by n - 1); undefined for fewer than two values.
    double variance() const {
        return count_ > 1 ? squares_ / static_cast<double>(count_ - 1) : kUndefined;
    }
    double deviation() const { return std::sqrt(variance()); }

 private:
    std::int64_t count_ = 0;
    double mean_ = 0;
    double squares_ = 0;
};

// Two values of each sheet: the points of a question, and the points of all others.
class PairMoments {
 public:
    void add(double x, double y) {
        const double change = x - (x_.count() > 0 ? x_.mean() : 0);
        x_.add(x);
        y_.add(y);
        products_ += change * (y - y_.mean());
    }

    const Moments& x() const { return x_; }
    const Moments& y() const { return y_; }
    double covariance() const {
        return x_.count() > 1 ? products_ / static_cast<double>(x_.count() - 1) : kUndefined;
    }
    // Pearson's r; undefined if one of the two never changes.
    double correlation() const { return ratio(covariance(), x_.variance(), y_.variance()); }
    // Of x with x + y.
    double correlationWithSum() const {
        return ratio(x_.variance() + covariance(), x_.variance(), varianceOfSum());
    }

 private:
    double varianceOfSum() const { return x_.variance() + y_.variance() + 2 * covariance(); }
    static double ratio(double covariance, double one, double other) {
        // What is left of equal values after rounding is not a spread.
        constexpr double kNone = 1e-12;
        return one > kNone && other > kNone ? covariance / std::sqrt(one * other) : kUndefined;
    }

    Moments x_{};
    Moments y_{};
    double products_ = 0;
};

}  // namespace sheafline::analyze
