package org.alborz.graph;

import java.nio.Buffer;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/** What the elements of a memory were when a computation first read it; nothing of one that the computation makes. */
final class Memory {
    private final DType dtype;
    private final int elements;
    private final Buffer content;

    private Memory(DType dtype, int elements, Buffer content) {
        this.dtype = dtype;
        this.elements = elements;
        this.content = content;
    }

    /** Returns a memory that the computation makes. */
    static Memory made(DType dtype) {
        return new Memory(dtype, 0, null);
    }

    /** Reads the whole memory of a tensor. */
    static Memory of(Tensor tensor) {
        int elements = Math.toIntExact(tensor.buffer().elements());
        Buffer content = Contents.buffer(tensor.dtype(), elements);
        if (elements > 0) {
            tensor.session().backend().download(tensor.buffer(), 0, content);
        }
        return new Memory(tensor.dtype(), elements, content);
    }

    /** Returns a tensor of one axis with this content, in a session's innermost scope. */
    Tensor in(Session session) {
        Tensor whole = session.empty(dtype, Layout.rowMajor(Shape.of(elements)));
        if (elements > 0) {
            session.backend().upload(content, whole.buffer(), 0);
        }
        return whole;
    }

    boolean isMade() {
        return content == null;
    }
}
