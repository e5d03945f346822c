package org.alborz.ops;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.alborz.backend.BinaryOp;
import org.alborz.backend.Comparison;
import org.alborz.backend.UnaryOp;

/** The names of functions in messages and listings: those of the methods of {@link org.alborz.tensor.Tensor}. */
final class FunctionNames {
    private static final List<String> UNARY = Arrays.stream(UnaryOp.values())
            .map(op -> switch (op) {
                case NEGATE -> "neg";
                case MULTIPLY -> "mul";
                case POWER -> "pow";
                default -> camelCase(op);
            })
            .toList();

    private static final List<String> BINARY = Arrays.stream(BinaryOp.values())
            .map(op -> switch (op) {
                case SUBTRACT -> "sub";
                case MULTIPLY -> "mul";
                case DIVIDE -> "div";
                case POWER -> "pow";
                default -> camelCase(op);
            })
            .toList();

    private FunctionNames() {}

    static String of(UnaryOp op) {
        return UNARY.get(op.ordinal());
    }

    static String of(BinaryOp op) {
        return BINARY.get(op.ordinal());
    }

    static String of(Comparison op) {
        return switch (op) {
            case EQUAL -> "eq";
            case NOT_EQUAL -> "ne";
            case LESS -> "lt";
            case LESS_EQUAL -> "le";
            case GREATER -> "gt";
            case GREATER_EQUAL -> "ge";
        };
    }

    /** Returns {@code leakyRelu} for {@code LEAKY_RELU}. */
    static String camelCase(Enum<?> constant) {
        StringBuilder name = new StringBuilder();
        boolean starts = false;
        for (char letter : constant.name().toLowerCase(Locale.ROOT).toCharArray()) {
            if (letter == '_') {
                starts = true;
            } else {
                name.append(starts ? Character.toUpperCase(letter) : letter);
                starts = false;
            }
        }
        return name.toString();
    }
}
