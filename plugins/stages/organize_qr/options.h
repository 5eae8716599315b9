// The options of the stage organize_qr. A value.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <sheafline/params.h>

namespace sheafline::organize_qr {

struct Options {
    std::string pattern;
    std::string group_by;
    std::string on_unreadable;
    std::string blank_pages;
    std::string check_digit;
    std::filesystem::path expected;
    std::vector<std::string> codes;
    std::string region;
    std::filesystem::path template_file;
    std::chrono::milliseconds sheet_timeout;
    std::int64_t workers;
    std::int64_t max_pixels;

    explicit Options(Params& p)
        : pattern(p.string(
              "pattern",
              {.help = "regular expression (PCRE2) of a code's whole text, with named groups",
               .required = true})),
          group_by(p.string("group_by", {.help = "name of a group, made of named groups: "
                                                 "\"{exam}-{class}\", but not of the student",
                                         .required = true})),
          on_unreadable(p.choice("on_unreadable", {.help = "what happens to a sheet without a code",
                                                   .default_value = "quarantine",
                                                   .choices = {"quarantine", "fail"}})),
          blank_pages(p.choice(
              "blank_pages",
              {.help = "what happens to a page without a code on which nothing is printed or "
                       "written: ignore discards it, sheet treats it like any other",
               .default_value = "ignore",
               .choices = {"ignore", "sheet"}})),
          check_digit(p.choice("check_digit",
                               {.help = "check digit, the last digit of the student's number",
                                .default_value = "none",
                                .choices = {"none", "luhn", "ean"}})),
          expected(p.path("expected",
                          {.help = "text file of the expected codes or students, one per line"})),
          codes(p.list("codes",
                       {.help = "the kinds of codes to look for: qr, datamatrix, aztec, pdf417, "
                                "code128, code39, ean; default: those of the template, or qr",
                        .pattern = "^(qr|datamatrix|aztec|pdf417|code128|code39|ean)$"})),
          region(p.string("region", {.help = "where codes are: x,y,width,height as shares of the "
                                             "page; default: learned from the batch"})),
          template_file(p.path(
              "template", {.help = "template of the sheet, whose qr box says where codes are"})),
          sheet_timeout(p.duration("sheet_timeout", {.help = "longest time for one sheet",
                                                     .default_value = "20s",
                                                     .min = "100ms",
                                                     .max = "1h"})),
          workers(p.integer("workers", {.help = "worker processes; 0 is one for each core",
                                        .default_value = "0",
                                        .min = "0",
                                        .max = "1024"})),
          max_pixels(p.integer(
              "max_pixels",
              {.help = "most pixels of a page", .default_value = "200000000", .min = "1"})) {}
};

}  // namespace sheafline::organize_qr
