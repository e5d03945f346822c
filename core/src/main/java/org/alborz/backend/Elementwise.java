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

    /** Computes {@code y = min(max(x, least), most)} of a floating type; NaN stays NaN, and {@code least} is not above {@code most}. */
    default void clamp(double least, double most, Operand x, Operand y) {
        unary(UnaryOp.MAXIMUM, least, x, y);
        unary(UnaryOp.MINIMUM, most, y, y);
    }

    /**
     * Computes {@code y = op(a, b)}, all of one type: a floating one; int32 or int64 for sums, differences, products, which wrap around,
     * floored quotients, their remainders and extremes; bool for extremes, which are "or" and "and".
     */
    void binary(BinaryOp op, Operand a, Operand b, Operand y);

    /** Computes whether {@code a op b}; {@code a} and {@code b} are of one type, {@code y} is bool. */
    void compare(Comparison op, Operand a, Operand b, Operand y);

    /** Computes {@code y = condition ? a : b}; the condition is bool, the others are of one type. */
    void where(Operand condition, Operand a, Operand b, Operand y);

    /** Copies {@code x} to {@code y}, converting layout and data type; {@link org.alborz.type.DType} has the rules. */
    void copy(Operand x, Operand y);

    /** Sets every element to a value, converted to its type. */
    void fill(double value, Operand y);
}
