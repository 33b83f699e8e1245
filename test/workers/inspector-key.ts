// What opens the inspector of the test Worker's rooms.
export const INSPECTOR_KEY = "the-key-of-the-tests";
