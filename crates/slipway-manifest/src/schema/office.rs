//! The schema of the manifest's `extensions`: add-ins of Office, which Teams carries along.

use super::{
    Also, BOOL, Others, Shape, TEXT, filled, form_of, list, list_of, may, must, object, one_of, open,
    pattern, text, text_of,
};
use crate::rules;

const URL: Shape = form_of(&pattern::URL, 0, pattern::MAX_REFERENCE);
const SECURE_URL: Shape = form_of(&pattern::SECURE_URL, 0, pattern::MAX_REFERENCE);

const REQUIREMENTS: Shape = filled(
    &[
        may(
            "capabilities",
            list_of(
                1,
                100,
                &object(&[must("name", text(128)), may("minVersion", TEXT), may("maxVersion", TEXT)]),
            ),
        ),
        may("scopes", list_of(1, 4, &one_of(&["mail", "workbook", "document", "presentation"]))),
        may("formFactors", list_of(1, 2, &one_of(&["desktop", "mobile"]))),
    ],
    Others::Refused,
);

const RUNTIME_CODE: Shape = object(&[must("page", SECURE_URL), may("script", SECURE_URL)]);

const ACTION: Shape = object(&[
    must("id", text(64)),
    must("type", one_of(&["executeFunction", "openPage", "executeDataFunction"])),
    may("displayName", text(64)),
    may("pinnable", BOOL),
    may("view", text(64)),
    may("multiselect", BOOL),
    may("supportsNoItemContext", BOOL),
]);

const ACTIONS: Shape = list_of(1, 150, &ACTION);

const FUNCTION_PARAMETER: Shape = open(&[
    must("name", text_of(1, 64)),
    may("description", text_of(1, 512)),
    may("type", text_of(1, 128)),
    may(
        "cellValueType",
        one_of(&[
            "cellvalue",
            "booleancellvalue",
            "doublecellvalue",
            "entitycellvalue",
            "errorcellvalue",
            "linkedentitycellvalue",
            "localimagecellvalue",
            "stringcellvalue",
            "webimagecellvalue",
        ]),
    ),
    may("dimensionality", one_of(&["scalar", "matrix"])),
    may("customEnumId", text(64)),
    may("optional", BOOL),
    may("repeating", BOOL),
]);

const RESULT: Shape = open(&[may("dimensionality", one_of(&["scalar", "matrix"]))]);

const FUNCTION: Shape = open(&[
    must("id", form_of(&pattern::IDENTIFIER, 3, 64)),
    must("name", form_of(&pattern::FUNCTION_NAME, 3, 64)),
    may("description", text_of(1, 1024)),
    may("helpUrl", SECURE_URL),
    must("parameters", list(128, &FUNCTION_PARAMETER)),
    must("result", RESULT),
    may("stream", BOOL),
    may("volatile", BOOL),
    may("cancelable", BOOL),
    may("requiresAddress", BOOL),
    may("requiresParameterAddress", BOOL),
    may("requiresStreamAddress", BOOL),
    may("requiresStreamParameterAddresses", BOOL),
    may("capturesCallingObject", BOOL),
    may("excludeFromAutoComplete", BOOL),
    may("linkedEntityLoadService", BOOL),
]);

const NAMESPACE: Shape = open(&[
    must("id", form_of(&pattern::IDENTIFIER, 1, 32)),
    must("name", form_of(&pattern::IDENTIFIER, 1, 32)),
]);

const ENUM: Shape = object(&[
    must("id", form_of(&pattern::IDENTIFIER, 3, 64)),
    must("type", one_of(&["number", "string"])),
    must(
        "values",
        list(
            usize::MAX,
            &object(&[
                must("name", text(256)),
                may("numberValue", Shape::Number { least: f64::NEG_INFINITY, most: f64::INFINITY }),
                may("stringValue", TEXT),
                may("tooltip", text(256)),
            ]),
        ),
    ),
]);

const CUSTOM_FUNCTIONS: Shape = object(&[
    may("functions", list_of(1, 20000, &FUNCTION)),
    may("namespace", NAMESPACE),
    may("allowCustomDataForDataTypeAny", BOOL),
    may("metadataUrl", SECURE_URL),
    may("enums", list(256, &ENUM)),
]);

const RUNTIMES: Shape = list_of(
    1,
    20,
    &object(&[
        may("requirements", REQUIREMENTS),
        must("id", text(64)),
        may("type", one_of(&["general"])),
        must("code", RUNTIME_CODE),
        may("lifetime", one_of(&["short", "long"])),
        may("actions", ACTIONS),
        may("customFunctions", CUSTOM_FUNCTIONS),
    ]),
);

const CONTEXTS: Shape = list_of(
    1,
    7,
    &one_of(&[
        "mailRead",
        "mailCompose",
        "meetingDetailsOrganizer",
        "meetingDetailsAttendee",
        "onlineMeetingDetailsOrganizer",
        "logEventMeetingDetailsAttendee",
        "spamReportingOverride",
        "default",
    ]),
);

const ICON: Shape = object(&[must("size", Shape::Size(&[16, 20, 24, 32, 40, 48, 64, 80])), must("url", URL)]);

const SUPERTIP: Shape = object(&[must("title", text(64)), must("description", text(250))]);

const CONTROL_ITEM: Shape = object(&[
    must("id", text(64)),
    must("type", one_of(&["menuItem"])),
    must("label", text(64)),
    may("icons", list_of(3, 8, &ICON)),
    must("supertip", SUPERTIP),
    must("actionId", text(64)),
    may("enabled", BOOL),
    may("overriddenByRibbonApi", BOOL),
    may("keytip", form_of(&pattern::KEY_TIP, 1, 3)),
]);

const CONTROL: Shape = object(&[
    must("id", text(64)),
    must("type", one_of(&["button", "menu"])),
    may("builtInControlId", text(64)),
    must("label", text(64)),
    must("icons", list_of(3, 8, &ICON)),
    must("supertip", SUPERTIP),
    may("actionId", text(64)),
    may("overriddenByRibbonApi", BOOL),
    may("enabled", BOOL),
    may("items", list_of(1, 30, &CONTROL_ITEM)),
    may("visible", BOOL),
    may("keytip", form_of(&pattern::KEY_TIP, 1, 3)),
]);

const GROUP: Shape = object(&[
    may("id", text(64)),
    may("label", text(64)),
    may("icons", list_of(3, 8, &ICON)),
    may("controls", list_of(1, 20, &CONTROL)),
    may("builtInGroupId", text(64)),
    may("overriddenByRibbonApi", BOOL),
    may("visible", BOOL),
]);

const MOBILE_ICON: Shape = object(&[
    must("size", Shape::Size(&[25, 32, 48])),
    must("url", URL),
    must("scale", Shape::Size(&[1, 2, 3])),
]);

const MOBILE_BUTTON: Shape = open(&[
    must("id", text(250)),
    must("type", one_of(&["mobileButton"])),
    must("label", text(32)),
    must("icons", list_of(9, 9, &MOBILE_ICON)),
    must("actionId", text(64)),
]);

const MOBILE_GROUP: Shape =
    open(&[must("id", text(250)), must("label", text(32)), must("controls", list_of(1, 20, &MOBILE_BUTTON))]);

const TAB: Shape = filled(
    &[
        may("id", text(64)),
        may("label", text(64)),
        may(
            "position",
            object(&[must("builtInTabId", text(64)), must("align", one_of(&["after", "before"]))]),
        ),
        may("builtInTabId", text(64)),
        may("groups", list_of(1, 10, &GROUP)),
        may("customMobileRibbonGroups", list_of(1, 10, &MOBILE_GROUP)),
        may("visible", BOOL),
        may("keytip", form_of(&pattern::KEY_TIP, 1, 3)),
    ],
    Others::Refused,
)
.also(&[Also {
    rule: rules::ANY_OF,
    holds: |tab| {
        !tab.has("id") || tab.has("label") && (tab.has("groups") || tab.has("customMobileRibbonGroups"))
    },
}]);

const FIXED_CONTROL: Shape = object(&[
    must("id", text(64)),
    must("type", one_of(&["button"])),
    must("label", text(64)),
    must("icons", list_of(1, 3, &ICON)),
    must("supertip", SUPERTIP),
    must("actionId", text(64)),
    must("enabled", BOOL),
]);

const SPAM_DIALOG: Shape = object(&[
    must("title", text(128)),
    must("description", text(250)),
    may("spamNeverShowAgainOption", BOOL),
    may(
        "spamReportingOptions",
        open(&[
            must("title", text(128)),
            must("options", list(usize::MAX, &TEXT)),
            may("type", one_of(&["radio", "checkbox"])),
        ]),
    ),
    may("spamFreeTextSectionTitle", text(128)),
    may("spamMoreInfo", open(&[must("text", text(128)), must("url", text(2048))])),
]);

const RIBBONS: Shape = list_of(
    1,
    20,
    &object(&[
        may("requirements", REQUIREMENTS),
        may("contexts", CONTEXTS),
        must("tabs", list(20, &TAB)),
        may("fixedControls", list_of(1, 1, &FIXED_CONTROL)),
        may("spamPreProcessingDialog", SPAM_DIALOG),
    ]),
);

const AUTO_RUN_EVENTS: Shape = list_of(
    1,
    10,
    &object(&[
        may("requirements", REQUIREMENTS),
        must(
            "events",
            list(
                20,
                &object(&[
                    must("type", text(64)),
                    must("actionId", text(64)),
                    may(
                        "options",
                        object(&[
                            may("sendMode", one_of(&["promptUser", "softBlock", "block"])),
                            may("headerName", form_of(&pattern::HEADER, 0, usize::MAX)),
                        ])
                        .also(&[Also {
                            rule: rules::ANY_OF,
                            holds: |options| options.has("sendMode") != options.has("headerName"),
                        }]),
                    ),
                ]),
            ),
        ),
    ]),
);

const XLL_CUSTOM_FUNCTIONS: Shape = open(&[may("fileName", form_of(&pattern::XLL_FILE, 4, 254))]);

const ALTERNATES: Shape = list_of(
    1,
    10,
    &filled(
        &[
            may("requirements", REQUIREMENTS),
            may(
                "prefer",
                filled(
                    &[
                        may("comAddin", object(&[must("progId", text(64))])),
                        may("xllCustomFunctions", XLL_CUSTOM_FUNCTIONS),
                    ],
                    Others::Allowed,
                ),
            ),
            may(
                "hide",
                filled(
                    &[
                        may(
                            "storeOfficeAddin",
                            object(&[must("officeAddinId", text(64)), must("assetId", text(64))]),
                        ),
                        may("customOfficeAddin", object(&[must("officeAddinId", text(64))])),
                        may(
                            "windowsExtensions",
                            object(&[
                                may("effect", one_of(&["userOptionToDisable", "disableWithNotification"])),
                                may("comAddin", object(&[must("progIds", list_of(1, 5, &text_of(1, 64)))])),
                                may(
                                    "automationAddin",
                                    object(&[must("progIds", list_of(1, 5, &text_of(1, 64)))]),
                                ),
                                may(
                                    "xllCustomFunctions",
                                    object(&[must("fileNames", list_of(1, 5, &text_of(1, 64)))]),
                                ),
                            ])
                            .also(&[Also {
                                rule: rules::ANY_OF,
                                holds: |hidden| {
                                    hidden.has("effect")
                                        && ["comAddin", "automationAddin", "xllCustomFunctions"]
                                            .iter()
                                            .any(|kind| hidden.has(kind))
                                },
                            }]),
                        ),
                    ],
                    Others::Allowed,
                ),
            ),
            may("alternateIcons", object(&[must("icon", ICON), must("highResolutionIcon", ICON)])),
        ],
        Others::Refused,
    ),
);

const CONTENT_RUNTIMES: Shape = list_of(
    1,
    usize::MAX,
    &object(&[
        may("requirements", REQUIREMENTS),
        must("id", text(64)),
        must("code", RUNTIME_CODE),
        may("requestedHeight", Shape::Number { least: 32.0, most: 1000.0 }),
        may("requestedWidth", Shape::Number { least: 32.0, most: 1000.0 }),
        may("disableSnapshot", BOOL),
    ]),
);

const GET_STARTED_MESSAGES: Shape = list_of(
    1,
    3,
    &object(&[
        may("requirements", REQUIREMENTS),
        must("title", text(125)),
        must("description", text(250)),
        must("learnMoreUrl", URL),
    ]),
);

const MENUS: Shape = list_of(
    1,
    usize::MAX,
    &object(&[
        must("entryPoint", one_of(&["text", "cell"])),
        must("controls", list_of(1, usize::MAX, &CONTROL)),
    ]),
);

const CONTEXT_MENUS: Shape =
    list_of(1, usize::MAX, &object(&[may("requirements", REQUIREMENTS), must("menus", MENUS)]));

const KEY_COMBINATION: Shape = open(&[
    must("default", form_of(&pattern::KEYS, 1, 32)),
    may("mac", form_of(&pattern::KEYS, 1, 32)),
    may("web", form_of(&pattern::KEYS, 1, 32)),
    may("windows", form_of(&pattern::KEYS, 1, 32)),
]);

const SHORTCUT: Shape = open(&[must("key", KEY_COMBINATION), must("actionId", text_of(1, 64))]);

const KEY_MAPPING_FILES: Shape =
    object(&[must("shortcutsUrl", SECURE_URL), may("localizationResourceUrl", SECURE_URL)]);

const KEYBOARD_SHORTCUT: Shape = open(&[
    may("requirements", REQUIREMENTS),
    may("shortcuts", list_of(1, 20000, &SHORTCUT)),
    may("keyMappingFiles", KEY_MAPPING_FILES),
]);

/// One list: a manifest brings one add-in.
pub const EXTENSIONS: Shape = list(
    1,
    &filled(
        &[
            may("requirements", REQUIREMENTS),
            may("runtimes", RUNTIMES),
            may("ribbons", RIBBONS),
            may("autoRunEvents", AUTO_RUN_EVENTS),
            may("alternates", ALTERNATES),
            may("contentRuntimes", CONTENT_RUNTIMES),
            may("getStartedMessages", GET_STARTED_MESSAGES),
            may("contextMenus", CONTEXT_MENUS),
            may("keyboardShortcuts", list_of(1, 10, &KEYBOARD_SHORTCUT)),
            may("audienceClaimUrl", URL),
        ],
        Others::Refused,
    ),
);
