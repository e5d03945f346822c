package org.alborz.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.alborz.text.Given;
import org.alborz.text.Quoted;

/**
 * The columns of a CSV file (RFC 4180), held in memory, whose types are inferred.
 *
 * <pre>{@code
 * CsvTable table = CsvTable.read(Path.of("penguins.csv")).withoutMissing();
 * Dataset data = table.dataset("species"); // a classifier's: the other columns are its input
 * }</pre>
 *
 * <p>A column is {@link CsvType#INTEGER} or {@link CsvType#FLOAT} where all its values are such numbers, and a {@link CsvType#CATEGORY}
 * otherwise. Where nine in ten values or more are numbers and some are none, these are errors: the first is refused with its
 * line. Errors name the line and the column.
 */
public final class CsvTable {
    /** The inputs of a dataset take this part of the heap at most. */
    private static final int HEAP_PART = 4;

    private final String file;
    private final List<CsvColumn> columns;

    /** The line of the file that each row begins in. */
    private final long[] lines;

    CsvTable(String file, List<CsvColumn> columns, long[] lines) {
        this.file = file;
        this.columns = List.copyOf(columns);
        this.lines = lines;
    }

    /**
     * Reads a file with commas and a header line, packed by gzip or not. How far it has come is logged after 2 seconds, and then every 5.
     *
     * @throws DataException when it is missing, has no rows, or has a fault; it names the line and the column
     */
    public static CsvTable read(Path file) {
        return read(file, new CsvOptions());
    }

    /** Reads a file with other separators, quotes or characters, likewise packed by gzip or not. */
    public static CsvTable read(Path file, CsvOptions options) {
        return CsvParser.read(
                Given.value(file, "CsvTable", "a file"), Given.value(options, "CsvTable", "options"), null);
    }

    /**
     * Reads a file whose columns are those of another table, such as test data, so that both have the same categories: the columns have
     * the other's names in its order, its types and its categories.
     *
     * @throws DataException also when a value is none of the other table's categories, or no number where it has numbers
     */
    public static CsvTable read(Path file, CsvOptions options, CsvTable like) {
        return CsvParser.read(
                Given.value(file, "CsvTable", "a file"),
                Given.value(options, "CsvTable", "options"),
                Given.value(like, "CsvTable", "a table"));
    }

    /**
     * Returns the names of a file's columns, of which only the first line is read.
     *
     * @throws DataException when it is missing or empty, or has a fault there
     */
    public static List<String> names(Path file, CsvOptions options) {
        return CsvParser.names(Given.value(file, "CsvTable", "a file"), Given.value(options, "CsvTable", "options"));
    }

    /** Returns the number of rows, without the header. */
    public int rows() {
        return lines.length;
    }

    /** Returns the columns in the file's order. */
    public List<CsvColumn> columns() {
        return columns;
    }

    /**
     * Returns a column by its name.
     *
     * @throws IllegalArgumentException when there is none
     */
    public CsvColumn column(String name) {
        return columns.stream()
                .filter(column -> column.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(file + " has the columns "
                        + Quoted.list(columns.stream().map(CsvColumn::name).toList()) + ", and not "
                        + Quoted.text(name)));
    }

    /** Returns the line of the file, from 1, that a row begins in. */
    public long line(int row) {
        return lines[row];
    }

    /**
     * Returns the other columns.
     *
     * @throws IllegalArgumentException when there is no such column, or no other
     */
    public CsvTable without(String name) {
        CsvColumn left = column(name);
        List<CsvColumn> others =
                columns.stream().filter(column -> column != left).toList();
        if (others.isEmpty()) {
            throw new IllegalArgumentException(
                    file + " has no column but " + Quoted.text(name) + "; without expects another one");
        }
        return new CsvTable(file, others, lines);
    }

    /** Returns the rows that have a value in every column. */
    public CsvTable withoutMissing() {
        int[] rows = IntStream.range(0, rows())
                .filter(row -> columns.stream().noneMatch(column -> column.isMissing(row)))
                .toArray();
        if (rows.length == 0) {
            throw new DataException(file + " has no row with a value in every column; " + this
                    + ". Leave out columns, or fill them with imputed()");
        }
        return new CsvTable(
                file,
                columns.stream().map(column -> column.rows(rows)).toList(),
                IntStream.of(rows).mapToLong(row -> lines[row]).toArray());
    }

    /**
     * Returns this table with the usual value of a column in place of missing ones: the mean of numbers, the most frequent category.
     *
     * @param training the table that the usual values are taken from: this one, or for test data that of the training data
     */
    public CsvTable imputed(CsvTable training) {
        Given.value(training, "imputed", "a table");
        List<CsvColumn> filled = new ArrayList<>();
        for (CsvColumn column : columns) {
            CsvColumn from = training.column(column.name());
            if (!from.categories().equals(column.categories())) {
                throw new IllegalArgumentException("imputed expects a table with the categories of " + file
                        + " in the column " + Quoted.text(column.name())
                        + ", got others; read one file like the other");
            }
            if (column.missing() > 0 && from.missing() == from.size()) {
                throw new DataException(training.file + " has no value in the column " + Quoted.text(column.name())
                        + " that missing ones could be filled with; leave it out");
            }
            filled.add(column.missing() == 0 ? column : column.imputed(from));
        }
        return new CsvTable(file, filled, lines);
    }

    /** Returns samples of all columns but the target as input; see {@link #dataset(List, String)}. */
    public ArrayDataset dataset(String target) {
        column(target);
        return dataset(
                columns.stream()
                        .map(CsvColumn::name)
                        .filter(name -> !name.equals(target))
                        .toList(),
                target);
    }

    /**
     * Returns samples with an input of some columns and a target of another. The field {@code input} is float32 and has one number for
     * a column of numbers and one for each category, which is 1 for the row's and 0 for the others. A target of categories is the field
     * {@code label}, whose classes they are, and one of numbers the field {@code target}, float32 of shape [1].
     *
     * @throws DataException when a value is missing, and names the line and the column; or when the inputs take more than a quarter of the heap, and
     *     names the column with most categories
     */
    public ArrayDataset dataset(List<String> inputs, String target) {
        List<CsvColumn> from = Given.value(inputs, "dataset", "names of columns").stream()
                .map(this::column)
                .toList();
        if (from.isEmpty()) {
            throw new IllegalArgumentException("dataset expects at least 1 column as input, got none");
        }
        CsvColumn to = column(target);
        float[][] x = inputs(from);
        requireAll(to);
        if (to.type() == CsvType.CATEGORY) {
            int[] labels =
                    IntStream.range(0, rows()).map(row -> (int) to.get(row)).toArray();
            return ArrayDataset.builder()
                    .field("input", x)
                    .field("label", labels)
                    .classes(to.categories())
                    .build();
        }
        float[][] y = new float[rows()][1];
        for (int row = 0; row < y.length; row++) {
            y[row][0] = (float) to.get(row);
        }
        return ArrayDataset.of(x, y);
    }

    /**
     * Returns the rows as a model's inputs, likewise, of all columns: for a table without a target, whose rows are to be predicted.
     *
     * @return {@code [rows][inputs]}
     * @throws DataException as {@link #dataset(List, String)}
     */
    public float[][] inputs() {
        return inputs(columns);
    }

    private float[][] inputs(List<CsvColumn> from) {
        requireRoom(from);
        float[][] x = new float[rows()][from.stream().mapToInt(CsvColumn::width).sum()];
        int at = 0;
        for (CsvColumn column : from) {
            requireAll(column);
            for (int row = 0; row < x.length; row++) {
                if (column.type() == CsvType.CATEGORY) {
                    x[row][at + (int) column.get(row)] = 1;
                } else {
                    x[row][at] = (float) column.get(row);
                }
            }
            at += column.width();
        }
        return x;
    }

    /** Refuses inputs that do not fit the heap, which columns with a word of its own in each row cause. */
    private void requireRoom(List<CsvColumn> inputs) {
        long bytes = (long) Float.BYTES
                * rows()
                * inputs.stream().mapToLong(CsvColumn::width).sum();
        long most = Runtime.getRuntime().maxMemory() / HEAP_PART;
        if (bytes > most) {
            CsvColumn widest = Collections.max(inputs, Comparator.comparingInt(CsvColumn::width));
            throw new DataException(String.format(
                    Locale.ROOT,
                    "%s: the inputs of %,d rows would take %,d MiB, more than %,d MiB, a quarter of the heap. The column %s"
                            + " has %,d categories, and each becomes an input; leave it out, such as where it names rows, or"
                            + " give Java more memory with -Xmx",
                    file,
                    rows(),
                    bytes >> 20,
                    most >> 20,
                    Quoted.text(widest.name()),
                    widest.categories().size()));
        }
    }

    private void requireAll(CsvColumn column) {
        for (int row = 0; row < rows(); row++) {
            if (column.isMissing(row)) {
                throw new DataException(file + ", line " + lines[row] + ": the column " + Quoted.text(column.name())
                        + " has no value, as " + column.missing() + " of " + rows()
                        + " rows; leave such rows out with withoutMissing(), or fill them with imputed()");
            }
        }
    }

    @Override
    public String toString() {
        return rows() + " rows of "
                + columns.stream().map(CsvColumn::toString).collect(Collectors.joining("; ", "[", "]"));
    }
}
