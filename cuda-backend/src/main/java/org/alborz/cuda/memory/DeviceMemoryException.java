package org.alborz.cuda.memory;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.alborz.cuda.driver.CudaException;
import org.alborz.cuda.driver.Driver;
import org.alborz.type.DType;

/** The device has no memory left; the message lists what holds the most of it. */
public final class DeviceMemoryException extends CudaException {
    private static final long serialVersionUID = 1L;
    private static final int LISTED = 8;

    private DeviceMemoryException(String message) {
        super(message, Driver.OUT_OF_MEMORY);
    }

    /** Tensors of one size and type. */
    private record Kind(DType dtype, long elements) {
        long bytes() {
            return elements * dtype.bytes();
        }
    }

    static DeviceMemoryException of(DType dtype, long elements, DevicePool pool, CudaBuffer inUse) {
        Map<Kind, Integer> counts = new HashMap<>();
        for (CudaBuffer buffer = inUse.next; buffer != inUse; buffer = buffer.next) {
            counts.merge(new Kind(buffer.dtype(), buffer.elements()), 1, Integer::sum);
        }
        List<Kind> kinds = new ArrayList<>(counts.keySet());
        kinds.sort((a, b) -> Long.compare(b.bytes() * counts.get(b), a.bytes() * counts.get(a)));
        StringBuilder text = new StringBuilder("The device is out of memory: a tensor of " + elements + " " + dtype
                + " elements needs " + size(elements * dtype.bytes()) + ", and "
                + size(pool.freeOnDevice()) + " are free. Tensors hold "
                + size(pool.statistics().used()) + "; the most is in");
        for (Kind kind : kinds.subList(0, Math.min(LISTED, kinds.size()))) {
            text.append(String.format(
                    "%n  %d of %s (%d %s elements)",
                    counts.get(kind), size(kind.bytes()), kind.elements(), kind.dtype()));
        }
        text.append(kinds.isEmpty() ? " none." : "")
                .append(String.format("%nUse a smaller batch, close tensors earlier (a Scope around each step does),"
                        + " or end other programs on the device (nvidia-smi lists them)."));
        return new DeviceMemoryException(text.toString());
    }

    private static String size(long bytes) {
        return bytes < 1 << 20
                ? String.format(Locale.ROOT, "%.1f KiB", bytes / 0x1p10)
                : String.format(Locale.ROOT, "%.1f MiB", bytes / 0x1p20);
    }
}
