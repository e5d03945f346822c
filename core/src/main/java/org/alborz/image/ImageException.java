package org.alborz.image;

import java.io.IOException;

/** Says why a file's content is not an image that is read; whose file it is knows the caller. */
public final class ImageException extends IOException {
    private static final long serialVersionUID = 1;

    ImageException(String message) {
        super(message);
    }

    ImageException(String message, Throwable cause) {
        super(message, cause);
    }
}
