package org.alborz.backend;

/**
 * Functions applied element by element.
 *
 * <p>Every operand has the shape of the result; broadcasting is done by strides of 0. Here the result may be the very operand
 * that is read (same buffer, same layout).
 */
public interface Elementwise {
    /** Computes {@code y = op(x)}; {@code parameter} is what {@link UnaryOp} calls p. */
    void unary(UnaryOp op, double parameter, Operand x, Operand y);

    /** Computes {@code y = op(a, b)}. */
    void binary(BinaryOp op, Operand a, Operand b, Operand y);

    /** Computes {@code y = condition ≠ 0 ? a : b}. */
    void where(Operand condition, Operand a, Operand b, Operand y);

    /** Copies {@code x} to {@code y}, converting layout and data type; {@link org.alborz.type.DType} has the rules. */
    void copy(Operand x, Operand y);

    /** Sets every element to a value, converted to its type. */
    void fill(double value, Operand y);
}
