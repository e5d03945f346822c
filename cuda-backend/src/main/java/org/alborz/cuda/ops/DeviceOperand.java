package org.alborz.cuda.ops;

import org.alborz.backend.Operand;
import org.alborz.cuda.memory.CudaBuffer;
import org.alborz.type.Layout;

/** Memory of our own, as an operand. */
record DeviceOperand(CudaBuffer buffer, Layout layout) implements Operand {}
