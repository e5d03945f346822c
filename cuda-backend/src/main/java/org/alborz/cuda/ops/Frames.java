package org.alborz.cuda.ops;

import org.alborz.backend.Operand;
import org.alborz.cuda.dnn.Dnn;
import org.alborz.cuda.memory.TemporaryBuffer;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.Layout;
import org.alborz.type.Padding2d;
import org.alborz.type.Shape;

/** Copies images into frames of zeros where the padding of opposite sides differs, and back. */
final class Frames {
    private static final int PER_BLOCK = 1024;

    private final LaunchContext context;
    private final Copy copy;

    Frames(LaunchContext context) {
        this.context = context;
        this.copy = new Copy(context);
    }

    /** Tells whether images are copied: where only the padding keeps cuDNN from doing it. */
    boolean isFor(Conv2dParameters p, Operand images) {
        return !p.padding().isSymmetric()
                && Dnn.serves(images.dtype())
                && Dnn.serves(p.withPadding(p.padding().largest()));
    }

    /** Returns a copy of images with their padding. */
    PaddedImages of(Conv2dParameters p, Operand images) {
        PaddedImages frame = empty(p, images);
        long n = Operands.elements(frame);
        if (n > 0) {
            context.kernels().fill(images.dtype(), 0, frame, n);
            context.run(n, PER_BLOCK);
        }
        copy.run(images, inner(frame, p, images));
        return frame;
    }

    /** Returns memory for images with their padding, to be written. */
    PaddedImages empty(Conv2dParameters p, Operand images) {
        Shape shape = images.shape();
        Padding2d padding = p.padding();
        Shape padded = shape.with(2, shape.size(2) + padding.top() + padding.bottom())
                .with(3, shape.size(3) + padding.left() + padding.right());
        TemporaryBuffer memory = context.pool().borrow(images.dtype(), padded.elements());
        return new PaddedImages(memory, Layout.channelsLast(padded));
    }

    /** Copies the images without their padding. */
    void copyImages(PaddedImages frame, Conv2dParameters p, Operand images) {
        copy.run(inner(frame, p, images), images);
    }

    private static DeviceOperand inner(PaddedImages frame, Conv2dParameters p, Operand images) {
        Layout rows = frame.layout().narrow(2, p.padding().top(), images.shape().size(2), 1);
        return new DeviceOperand(
                frame.buffer(),
                rows.narrow(3, p.padding().left(), images.shape().size(3), 1));
    }
}
