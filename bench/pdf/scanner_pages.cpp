// scanner_pages SAMPLE.zip OUT: writes OUT.pdf and OUT.zip with the same pages.
#include "scanner_pages.h"

#include <fstream>
#include <iostream>
#include <string>

int main(int count, char** words) {
    if (count != 3) {
        std::cerr << "scanner_pages SAMPLE.zip OUT\n";
        return 2;
    }
    const auto made = sheafline::test::scannerPages(words[1]);
    const std::string out = words[2];
    std::ofstream(out + ".pdf", std::ios::binary) << made.pdf;
    std::ofstream(out + ".zip", std::ios::binary) << made.zip;
    std::cout << made.pages << " pages, PDF " << made.pdf.size() << " bytes, ZIP "
              << made.zip.size() << " bytes\n";
    return 0;
}
