/** What a tensor's memory looks like: element type, shape and layout. */
package org.alborz.type;
