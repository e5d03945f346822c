package org.alborz.distributed;

import java.io.Closeable;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Closes sockets. */
final class Sockets {
    private static final Logger log = LoggerFactory.getLogger(Sockets.class);

    private Sockets() {}

    /** Closes what is not needed any more; that it fails has no consequence but a line in the log. */
    static void close(Closeable socket) {
        try {
            socket.close();
        } catch (IOException e) {
            log.debug("{} could not be closed: {}", socket, e.getMessage());
        }
    }
}
