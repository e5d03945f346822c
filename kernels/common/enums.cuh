// The engine's enums, whose ordinals kernels take. Written by kernels/build from core's sources; do not edit.
#pragma once

namespace alborz {

enum class UnaryOp : int {
    NEGATE,
    ABS,
    SIGN,
    SQUARE,
    SQRT,
    RECIPROCAL,
    EXP,
    LOG,
    SIN,
    COS,
    TANH,
    SIGMOID,
    ERF,
    RELU,
    ADD,
    MULTIPLY,
    POWER,
    MAXIMUM,
    MINIMUM,
    LEAKY_RELU,
    ELU,
    GELU,
    SOFTPLUS,
    FLOOR,
    CEIL,
    ROUND,
    TRUNC,
    LOG1P,
    EXPM1,
    TAN,
    ASIN,
    ACOS,
    ATAN,
    SINH,
    COSH,
    ASINH,
    ACOSH,
    ATANH,
    SILU,
    HARD_SIGMOID,
    HARD_SWISH,
    MISH,
    SELU
};

enum class BinaryOp : int {
    ADD,
    SUBTRACT,
    MULTIPLY,
    DIVIDE,
    POWER,
    MAXIMUM,
    MINIMUM,
    RELU_BACKWARD,
    REMAINDER,
    FLOOR_DIVIDE,
    ATAN2
};

enum class Comparison : int {
    EQUAL,
    NOT_EQUAL,
    LESS,
    LESS_EQUAL,
    GREATER,
    GREATER_EQUAL
};

enum class ReduceOp : int {
    SUM,
    MAX,
    MIN,
    MEAN
};

enum class UpdateRule : int {
    ADAGRAD,
    ADADELTA,
    RMSPROP,
    RMSPROP_MOMENTUM,
    CENTERED_RMSPROP,
    CENTERED_RMSPROP_MOMENTUM,
    ADAMAX,
    NADAM,
    RADAM,
    AMSGRAD,
    LION,
    LAMB_DIRECTION,
    AVERAGE,
    LOOKAHEAD
};

enum class Activation : int {
    NONE,
    RELU,
    RELU6
};

}  // namespace alborz
