package org.alborz.cuda.ops;

import org.alborz.cuda.driver.Kernel;
import org.alborz.cuda.driver.Modules;
import org.alborz.type.DType;

/** One kernel for all pairs of data types, each loaded when it is first used: {@code copy} stands for {@code copy_f32_f64} and so on. */
final class ConversionKernel {
    private final TypedKernel[] loaded = new TypedKernel[DType.values().length];

    ConversionKernel(Modules modules, String name) {
        for (DType from : DType.values()) {
            loaded[from.ordinal()] = new TypedKernel(modules, name + "_" + TypedKernel.suffix(from));
        }
    }

    Kernel of(DType from, DType to) {
        return loaded[from.ordinal()].of(to);
    }
}
