/** Device memory that is reused in the order of the stream, and the pinned memory that data travel through. */
package org.alborz.cuda.memory;
