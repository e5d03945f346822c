package org.alborz.spark;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.alborz.data.Field;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructType;

/**
 * Which columns of a DataFrame are a sample's input and target. The values of the input columns follow one another in the field {@code input}
 * of float32: a number or truth value (1 or 0) each, or all elements of an array of numbers, such as the pixels of an image.
 *
 * <pre>{@code
 * SampleColumns.inputs("sepal_length", "sepal_width").label("species", 3) // classes 0 to 2
 * SampleColumns.inputs("pixels").shape(3, 32, 32).label("class", 10)
 * SampleColumns.inputs("rooms", "area").target("price")
 * }</pre>
 */
public final class SampleColumns implements Serializable {
    private static final long serialVersionUID = 1;

    /** The values of a sample's input. */
    static final String INPUT = "input";

    private final List<String> inputs;

    /** Null for {@code [values]}. */
    private final int[] shape;

    /** Null where there is none, as in rows that are only predicted. */
    private final String target;

    /** 0 where the target is a number. */
    private final int classes;

    private SampleColumns(List<String> inputs, int[] shape, String target, int classes) {
        this.inputs = new ArrayList<>(inputs);
        this.shape = shape;
        this.target = target;
        this.classes = classes;
    }

    /** Describes samples without a target, whose input is made of these columns. */
    public static SampleColumns inputs(String... columns) {
        if (columns.length == 0 || Arrays.stream(columns).anyMatch(column -> column == null || column.isBlank())) {
            throw new IllegalArgumentException(
                    "SampleColumns expects the names of one or more input columns, got " + Arrays.toString(columns));
        }
        return new SampleColumns(List.of(columns), null, null, 0);
    }

    /** Returns these columns with the shape of a sample's input, such as {@code 3, 32, 32}, row-major; {@code [values]} unless set. */
    public SampleColumns shape(int... sizes) {
        Shape.of(sizes); // refuses what is none
        return new SampleColumns(inputs, sizes.clone(), target, classes);
    }

    /**
     * Returns these columns with a target that is a class.
     *
     * @param column whole numbers from 0
     * @param count of classes, at least 2
     */
    public SampleColumns label(String column, int count) {
        if (count < 2) {
            throw new IllegalArgumentException("SampleColumns expects at least 2 classes, got " + count);
        }
        return new SampleColumns(inputs, shape, requireName(column), count);
    }

    /** Returns these columns with a target that is a number, {@code [1]}. */
    public SampleColumns target(String column) {
        return new SampleColumns(inputs, shape, requireName(column), 0);
    }

    private static String requireName(String column) {
        if (column == null || column.isBlank()) {
            throw new IllegalArgumentException("SampleColumns expects the name of a target column, got " + column);
        }
        return column;
    }

    SampleColumns withoutTarget() {
        return new SampleColumns(inputs, shape, null, 0);
    }

    boolean hasTarget() {
        return target != null;
    }

    int classes() {
        return classes;
    }

    /** Returns the columns that are read, in order, the target last. */
    String[] names() {
        List<String> names = new ArrayList<>(inputs);
        if (target != null) {
            names.add(target);
        }
        return names.toArray(new String[0]);
    }

    /** Returns a column by its whole name, in which dots and backticks mean themselves. */
    static Column column(Dataset<Row> rows, String name) {
        return rows.col("`" + name.replace("`", "``") + "`");
    }

    /**
     * Refuses a table that lacks a column or has other values in it.
     *
     * @throws IllegalArgumentException which names the column and the columns there are
     */
    void require(StructType table) {
        for (String name : names()) {
            if (!Arrays.asList(table.fieldNames()).contains(name)) {
                throw new IllegalArgumentException(
                        "The DataFrame has no column '" + name + "', but " + Arrays.toString(table.fieldNames()));
            }
            DataType type = table.apply(name).dataType();
            boolean number = type instanceof NumericType || type instanceof BooleanType;
            boolean numbers = type instanceof ArrayType array && array.elementType() instanceof NumericType;
            if (name.equals(target) ? !number : !number && !numbers) {
                throw new IllegalArgumentException(
                        "The column '" + name + "' expects numbers"
                                + (name.equals(target) ? "" : " or arrays of numbers") + ", got " + type.simpleString()
                                + "; convert it first, such as words by Spark's StringIndexer, and its vectors by vector_to_array");
            }
        }
    }

    /** Returns the fields of a sample whose input has this many values. */
    List<Field> fields(int width) {
        Shape input = shape == null ? Shape.of(width) : Shape.of(shape);
        if (input.elements() != width) {
            throw new IllegalArgumentException("The input columns " + inputs + " have " + width
                    + " values together, and not those of the shape " + input);
        }
        Field values = new Field(INPUT, DType.FLOAT32, input);
        if (target == null) {
            return List.of(values);
        }
        return List.of(values, classes > 0 ? Field.of("label", DType.INT32) : Field.of("target", DType.FLOAT32, 1));
    }

    /**
     * Returns the input of a row.
     *
     * @param first the place of the first input column in it; the others follow in order
     * @param where the row, in words
     */
    float[] input(Row row, int first, String where) {
        int width = 0;
        for (int i = first; i < first + inputs.size(); i++) {
            width += row.get(i) instanceof scala.collection.Seq<?>
                    ? row.getList(i).size()
                    : 1;
        }
        float[] values = new float[width];
        int at = 0;
        for (int i = 0; i < inputs.size(); i++) {
            Object value = row.get(first + i);
            List<?> elements = value instanceof scala.collection.Seq<?> ? row.getList(first + i) : List.of();
            for (Object element : elements) {
                values[at++] = number(element, inputs.get(i), where).floatValue();
            }
            if (!(value instanceof scala.collection.Seq<?>)) {
                values[at++] = number(value, inputs.get(i), where).floatValue();
            }
        }
        return values;
    }

    /** Returns the target of a row whose columns are {@link #names}: a class or a number. */
    float target(Row row, String where) {
        Number value = number(row.get(inputs.size()), target, where);
        double number = value.doubleValue();
        if (classes > 0 && (number != Math.rint(number) || number < 0 || number >= classes)) {
            throw new IllegalArgumentException("The column '" + target + "' expects classes from 0 to " + (classes - 1)
                    + ", got " + value + " in " + where);
        }
        return (float) number;
    }

    private static Number number(Object value, String column, String where) {
        if (value instanceof Boolean truth) {
            return truth ? 1 : 0;
        }
        if (!(value instanceof Number number)) {
            throw new IllegalArgumentException("The column '" + column + "' has "
                    + (value == null ? "no value" : "the value " + value) + " in " + where
                    + "; leave such rows out, as by na().drop(), or fill them");
        }
        return number;
    }

    @Override
    public String toString() {
        return inputs + (target == null ? "" : " -> " + target);
    }
}
