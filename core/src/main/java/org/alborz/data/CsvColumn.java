package org.alborz.data;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** A column of a {@link CsvTable}. */
public final class CsvColumn {
    private final String name;
    private final CsvType type;
    private final List<String> categories;

    /** Numbers, or places in {@code categories}; NaN where a value is missing. */
    private final double[] values;

    CsvColumn(String name, CsvType type, List<String> categories, double[] values) {
        this.name = name;
        this.type = type;
        this.categories = categories;
        this.values = values;
    }

    /** Returns the name in the header. */
    public String name() {
        return name;
    }

    /** Returns what the values are. */
    public CsvType type() {
        return type;
    }

    /** Returns the words of a column of categories, sorted: by value where all are whole numbers; empty for other columns. */
    public List<String> categories() {
        return categories;
    }

    /** Returns the number of rows. */
    public int size() {
        return values.length;
    }

    /** Returns a row's number, of a category its place in {@link #categories}, or NaN where it is missing. */
    public double get(int row) {
        return values[row];
    }

    /** Tells whether a row has no value. */
    public boolean isMissing(int row) {
        return Double.isNaN(values[row]);
    }

    /** Returns how many rows have no value. */
    public int missing() {
        return (int) Arrays.stream(values).filter(Double::isNaN).count();
    }

    /** Returns all values as {@link #get} does. */
    public double[] values() {
        return values.clone();
    }

    /** Returns how many numbers of a model's input this column becomes: one for each category, or one. */
    int width() {
        return type == CsvType.CATEGORY ? categories.size() : 1;
    }

    CsvColumn rows(int[] rows) {
        return new CsvColumn(
                name,
                type,
                categories,
                Arrays.stream(rows).mapToDouble(row -> values[row]).toArray());
    }

    /** Returns this column with the usual value of another in place of missing ones: its mean, or its most frequent category. */
    CsvColumn imputed(CsvColumn from) {
        double usual = type == CsvType.CATEGORY ? from.mode() : from.mean();
        double[] filled = values.clone();
        for (int i = 0; i < filled.length; i++) {
            filled[i] = Double.isNaN(filled[i]) ? usual : filled[i];
        }
        boolean whole = type != CsvType.INTEGER || usual == Math.rint(usual);
        return new CsvColumn(name, whole ? type : CsvType.FLOAT, categories, filled);
    }

    private double mean() {
        return Arrays.stream(values)
                .filter(value -> !Double.isNaN(value))
                .average()
                .orElse(Double.NaN);
    }

    /** Returns the category that most rows have; of several the first. */
    private double mode() {
        int[] counts = new int[categories.size()];
        for (double value : values) {
            if (!Double.isNaN(value)) {
                counts[(int) value]++;
            }
        }
        int most = 0;
        for (int i = 1; i < counts.length; i++) {
            most = counts[i] > counts[most] ? i : most;
        }
        return most;
    }

    @Override
    public String toString() {
        return name + " " + type.name().toLowerCase(Locale.ROOT)
                + (categories.isEmpty() ? "" : " of " + categories.size())
                + (missing() == 0 ? "" : ", " + missing() + " missing");
    }
}
