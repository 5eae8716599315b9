// Prometheus' text format: HELP, TYPE, samples.
#pragma once

#include <sstream>
#include <string>

namespace sheafline::api {

class MetricText {
 public:
    template <typename Number>
    void add(const char* name, const char* type, const char* help, Number value) {
        begin(name, type, help);
        line(name, value);
    }
    template <typename Number>
    void line(const char* name, Number value) {
        out_ << name << ' ' << value << '\n';
    }
    void begin(const char* name, const char* type, const char* help) {
        out_ << "# HELP " << name << ' ' << help << "\n# TYPE " << name << ' ' << type << '\n';
    }
    template <typename Number>
    void sample(const std::string& name, const char* label, const std::string& key, Number value) {
        sample(name, std::string(label) + "=\"" + key + '"', value);
    }
    template <typename Number>
    void sample(const std::string& name, const std::string& labels, Number value) {
        out_ << name << '{' << labels << "} " << value << '\n';
    }
    std::string text() const { return out_.str(); }

 private:
    std::ostringstream out_;
};

}  // namespace sheafline::api
