package org.alborz.data;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.alborz.text.Given;

/**
 * How a CSV file is written: by default in UTF-8, with commas, double quotes and a header line; and an empty field, {@code NA},
 * {@code N/A}, {@code NaN}, {@code nan}, {@code null}, {@code NULL}, {@code None} and {@code ?} mean a missing value.
 *
 * @param separator between fields
 * @param quote around fields with separators or line ends; two quotes in such a field are one
 * @param header whether the first line names the columns, which are {@code column 1} and so on otherwise
 * @param missing the words for a missing value
 * @param types of columns by name, where they are not to be inferred
 */
public record CsvOptions(
        char separator, char quote, boolean header, Charset charset, Set<String> missing, Map<String, CsvType> types) {
    private static final Set<String> MISSING = Set.of("", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?");

    public CsvOptions {
        Given.value(charset, "CsvOptions", "a charset");
        missing = Set.copyOf(Given.value(missing, "CsvOptions", "what stands for a missing value"));
        types = Map.copyOf(Given.value(types, "CsvOptions", "types of columns"));
        if (separator == quote || isLineEnd(separator) || isLineEnd(quote)) {
            throw new IllegalArgumentException("CsvOptions expects a separator and a quote that differ and end no line,"
                    + " got U+" + Integer.toHexString(separator) + " and U+" + Integer.toHexString(quote));
        }
    }

    /** Describes the usual file. */
    public CsvOptions() {
        this(',', '"', true, StandardCharsets.UTF_8, MISSING, Map.of());
    }

    private static boolean isLineEnd(char c) {
        return c == '\n' || c == '\r';
    }

    /** Returns these options with another separator, such as a semicolon or a tab. */
    public CsvOptions separator(char value) {
        return new CsvOptions(value, quote, header, charset, missing, types);
    }

    /** Returns these options with another quote. */
    public CsvOptions quote(char value) {
        return new CsvOptions(separator, value, header, charset, missing, types);
    }

    /** Returns these options for a file whose first line does, or does not, name the columns. */
    public CsvOptions header(boolean value) {
        return new CsvOptions(separator, quote, value, charset, missing, types);
    }

    /** Returns these options with another charset. */
    public CsvOptions charset(Charset value) {
        return new CsvOptions(separator, quote, header, value, missing, types);
    }

    /** Returns these options with other words for a missing value. */
    public CsvOptions missing(String... words) {
        return new CsvOptions(
                separator,
                quote,
                header,
                charset,
                Set.copyOf(List.of(Given.value(words, "CsvOptions", "what stands for a missing value"))),
                types);
    }

    /** Returns these options with a column's type, such as {@link CsvType#CATEGORY} for classes that are written as numbers. */
    public CsvOptions type(String column, CsvType type) {
        Map<String, CsvType> all = new HashMap<>(types);
        all.put(Given.value(column, "CsvOptions", "a column's name"), Given.value(type, "CsvOptions", "a type"));
        return new CsvOptions(separator, quote, header, charset, missing, all);
    }
}
