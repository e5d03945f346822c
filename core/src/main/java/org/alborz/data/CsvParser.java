package org.alborz.data;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipException;
import org.alborz.text.Quoted;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads a CSV file into a {@link CsvTable}: splits it into fields, and finds out and checks what each column holds. */
final class CsvParser {
    private static final Logger LOG = LoggerFactory.getLogger(CsvTable.class);
    private static final double LARGEST_INTEGER = 0x1p53;

    /** Of so many values the last tenth may be faults; more are categories. */
    private static final double MOSTLY = 0.9;

    private final Path file;
    private final CsvOptions options;
    private final List<String> names = new ArrayList<>();

    /** The fields by column, null where missing. */
    private final List<List<String>> columns = new ArrayList<>();

    private long[] lines = new long[64];
    private int rows;

    /** What a field was in, so that equal ones are one object. */
    private final Map<String, String> known = new HashMap<>();

    private CsvParser(Path file, CsvOptions options) {
        this.file = file;
        this.options = options;
    }

    static CsvTable read(Path file, CsvOptions options, CsvTable like) {
        CsvParser parser = new CsvParser(file, options);
        parser.readRows(Integer.MAX_VALUE);
        parser.requireColumns(like);
        List<CsvColumn> typed = new ArrayList<>();
        for (int i = 0; i < parser.names.size(); i++) {
            typed.add(parser.column(i, like == null ? null : like.columns().get(i)));
        }
        return new CsvTable(FileInput.name(file), typed, Arrays.copyOf(parser.lines, parser.rows));
    }

    static List<String> names(Path file, CsvOptions options) {
        CsvParser parser = new CsvParser(file, options);
        parser.readRows(1);
        return List.copyOf(parser.names);
    }

    private void readRows(int most) {
        long size = Files.exists(file) ? size() : 0; // a missing one is refused when it is opened
        try (InputStream bytes = new CountedInput(
                        FileInput.open(file, Long.MAX_VALUE),
                        LoggedProgress.ofBytes(LOG, FileInput.name(file), 0, size));
                Reader text = new InputStreamReader(
                        FileInput.unpacked(bytes), options.charset().newDecoder());
                CsvReader<CsvRecord> records = CsvReader.builder()
                        .fieldSeparator(options.separator())
                        .quoteCharacter(options.quote())
                        .allowExtraFields(true)
                        .allowMissingFields(true)
                        .ofCsvRecord(text)) {
            for (CsvRecord each : records) {
                if (names.isEmpty()) {
                    nameColumns(each);
                    if (options.header()) {
                        continue;
                    }
                }
                addRow(each);
                if (rows == most) {
                    break;
                }
            }
        } catch (CsvParseException | UncheckedIOException e) {
            throw malformed(e);
        } catch (EOFException | ZipException e) {
            throw FileInput.damaged(file, e);
        } catch (IOException e) {
            throw FileInput.unreadable(file, e);
        }
        if (rows == 0) {
            throw new DataException(FileInput.name(file) + " should hold at least 1 row"
                    + (options.header() ? " after its header" : "") + ", and holds none");
        }
    }

    private long size() {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw FileInput.unreadable(file, e);
        }
    }

    private DataException malformed(RuntimeException e) {
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof EOFException || cause instanceof ZipException) {
            return FileInput.damaged(file, (IOException) cause);
        }
        if (cause instanceof CharacterCodingException) {
            return new DataException(
                    FileInput.name(file) + " is not written in " + options.charset() + ", near row " + (rows + 1)
                            + "; give its charset, such as ISO_8859_1, with CsvOptions.charset",
                    e);
        }
        return new DataException(
                FileInput.name(file) + " could not be read after row " + rows + ": "
                        + Quoted.escape(String.valueOf(cause.getMessage()), 300),
                e);
    }

    private void nameColumns(CsvRecord first) {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < first.getFieldCount(); i++) {
            String field = first.getField(i);
            String name = (i == 0 && field.startsWith("\uFEFF") ? field.substring(1) : field).strip();
            String given = options.header() && !name.isEmpty() ? name : "column " + (i + 1);
            if (!seen.add(given)) {
                throw new DataException(FileInput.name(file) + ", line " + first.getStartingLineNumber()
                        + ": two columns" + " have the name " + Quoted.text(given) + "; rename one");
            }
            names.add(given);
            columns.add(new ArrayList<>());
        }
        for (String typed : options.types().keySet()) {
            if (!seen.contains(typed)) {
                throw new IllegalArgumentException("CsvOptions has a type for the column " + Quoted.text(typed)
                        + ", and " + FileInput.name(file) + " has the columns " + Quoted.list(names));
            }
        }
    }

    private void addRow(CsvRecord row) {
        if (row.getFieldCount() != names.size()) {
            throw new DataException(FileInput.name(file) + ", line " + row.getStartingLineNumber() + " should have "
                    + names.size() + " fields, as the first line, and has " + row.getFieldCount()
                    + "; check its quotes, and the separator, which is " + Quoted.text(options.separator() + ""));
        }
        if (rows == lines.length) {
            lines = Arrays.copyOf(lines, 2 * rows);
        }
        lines[rows++] = row.getStartingLineNumber();
        for (int i = 0; i < names.size(); i++) {
            String field = row.getField(i).strip();
            columns.get(i).add(options.missing().contains(field) ? null : known.computeIfAbsent(field, same -> same));
        }
    }

    private void requireColumns(CsvTable like) {
        if (like != null) {
            List<String> expected = like.columns().stream().map(CsvColumn::name).toList();
            if (!names.equals(expected)) {
                throw new DataException(FileInput.name(file) + " should have the columns " + Quoted.list(expected)
                        + " of the other table, and has " + Quoted.list(names));
            }
        }
    }

    private CsvColumn column(int i, CsvColumn like) {
        CsvType type = like != null ? like.type() : options.types().get(names.get(i));
        CsvType as = type != null ? type : infer(i);
        if (as == CsvType.CATEGORY) {
            return categories(i, like != null ? like.categories() : distinct(columns.get(i)));
        }
        double[] values = new double[rows];
        for (int row = 0; row < rows; row++) {
            String field = columns.get(i).get(row);
            values[row] = field == null ? Double.NaN : number(field);
            boolean fits =
                    field == null || !Double.isNaN(values[row]) && (as == CsvType.FLOAT || isInteger(values[row]));
            if (!fits) {
                throw wrong(
                        row,
                        i,
                        "should be " + (as == CsvType.FLOAT ? "a finite number" : "a whole number of at most 2^53")
                                + ", as " + (type != null ? "its type says" : "most are"),
                        "correct it, name it as a missing value, or declare the column a category (CsvOptions)");
            }
        }
        return new CsvColumn(names.get(i), as, List.of(), values);
    }

    /** Finds a column's type by its values: one without any holds numbers. */
    private CsvType infer(int i) {
        int values = 0;
        int numbers = 0;
        boolean whole = true;
        for (String field : columns.get(i)) {
            if (field != null) {
                double number = number(field);
                values++;
                numbers += Double.isNaN(number) ? 0 : 1;
                whole &= Double.isNaN(number) || isInteger(number) && isWrittenWhole(field);
            }
        }
        if (numbers < values && numbers < MOSTLY * values) {
            return CsvType.CATEGORY;
        }
        return whole && values > 0 ? CsvType.INTEGER : CsvType.FLOAT;
    }

    /** Tells whether a number is written as integers are, and not as 1.0 or 1e3. */
    private static boolean isWrittenWhole(String number) {
        return number.chars().skip(1).allMatch(c -> c >= '0' && c <= '9');
    }

    private static boolean isInteger(double value) {
        return value == Math.rint(value) && Math.abs(value) <= LARGEST_INTEGER;
    }

    /** Returns a finite number in decimal notation, or NaN. */
    private static double number(String field) {
        if (field.isEmpty()) {
            return Double.NaN;
        }
        char first = field.charAt(0);
        char last = field.charAt(field.length() - 1);
        boolean decimal = (isDigit(first) || first == '-' || first == '+' || first == '.')
                && (isDigit(last) || last == '.')
                && field.indexOf('x') < 0
                && field.indexOf('X') < 0;
        if (!decimal) {
            return Double.NaN; // which parseDouble would take in part, such as 1f and 0x1p3
        }
        try {
            double value = Double.parseDouble(field);
            return Double.isInfinite(value) ? Double.NaN : value;
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static List<String> distinct(List<String> fields) {
        Set<String> words = new HashSet<>(fields);
        words.remove(null);
        List<String> sorted = new ArrayList<>(words);
        boolean numbers = sorted.stream().allMatch(word -> isInteger(number(word)));
        Collections.sort(sorted);
        if (numbers) {
            sorted.sort(Comparator.comparingDouble(CsvParser::number));
        }
        return List.copyOf(sorted);
    }

    private CsvColumn categories(int i, List<String> words) {
        Map<String, Integer> places = new HashMap<>();
        for (String word : words) {
            places.put(word, places.size());
        }
        double[] values = new double[rows];
        for (int row = 0; row < rows; row++) {
            String field = columns.get(i).get(row);
            Integer place = places.get(field);
            if (field != null && place == null) {
                throw wrong(
                        row, i, "should be one of " + Quoted.list(words), "correct it, or name it as a missing value");
            }
            values[row] = place == null ? Double.NaN : place;
        }
        return new CsvColumn(names.get(i), CsvType.CATEGORY, words, values);
    }

    private DataException wrong(int row, int column, String expected, String remedy) {
        return new DataException(FileInput.name(file) + ", line " + lines[row] + ": the column "
                + Quoted.text(names.get(column)) + " (" + (column + 1) + ") " + expected + ", and is "
                + Quoted.text(columns.get(column).get(row)) + "; " + remedy);
    }
}
