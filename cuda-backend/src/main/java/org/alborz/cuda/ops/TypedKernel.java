package org.alborz.cuda.ops;

import org.alborz.cuda.driver.Kernel;
import org.alborz.cuda.driver.Modules;
import org.alborz.type.DType;

/** One kernel in all its data types, each loaded when it is first used: {@code unary} stands for {@code unary_f32} and so on. */
final class TypedKernel {
    private final Modules modules;
    private final String name;
    private final Kernel[] loaded = new Kernel[DType.values().length];

    TypedKernel(Modules modules, String name) {
        this.modules = modules;
        this.name = name;
    }

    Kernel of(DType dtype) {
        Kernel kernel = loaded[dtype.ordinal()];
        if (kernel == null) {
            kernel = modules.kernel(name + "_" + suffix(dtype));
            loaded[dtype.ordinal()] = kernel;
        }
        return kernel;
    }

    static String suffix(DType dtype) {
        return switch (dtype) {
            case FLOAT32 -> "f32";
            case FLOAT64 -> "f64";
            case FLOAT16 -> "f16";
            case BFLOAT16 -> "bf16";
            case INT32 -> "i32";
            case INT64 -> "i64";
            case UINT8 -> "u8";
            case BOOL -> "b8";
        };
    }
}
